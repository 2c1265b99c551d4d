"""How names of titles and persons are made in ten languages. Word lists are small; combinations are many.

A phrase is `nouns` × `adjectives` in patterns whose grammar holds for every combination: German definite noun phrases
take the same adjective ending in all genders, French and Portuguese adjectives agree with the noun's gender (`m`/`f`
lists), Hindi possessives agree with the second noun.
"""

from __future__ import annotations

from typing import Final

Agreeing = tuple[tuple[str, ...], tuple[str, ...]]
"""Masculine and feminine."""

_SV_NOUNS = "fyren|sommaren|ön|färjan|natten|hamnen|systern|resan|skogen|tystnaden|drömmen|staden|vintern|vägen|bron"
_SV_ADJECTIVES = "tysta|sista|blå|glömda|långa|förlorade|hemliga|nordliga|första|trasiga"
_SV_PLACES = "Norrvik|Ulvsund|Stavholm|Lindmarken|Alnön|Grynäs|Sälvik|Marsund"
_DE = "Der See|Der Zug|Der Zeuge|Der Garten|Der Winter|Die Brücke|Die Erbin|Die Nacht|Die Insel|Die Stille|Das Haus|" \
      "Das Licht|Das Versprechen|Das Ufer|Das Spiel"  # fmt: skip
_DE_ADJECTIVES = "stille|letzte|verlorene|blaue|dunkle|fremde|gläserne|zweite|lange|vergessene"
_DE_PLACES = "Altenried|Moorbach|Sankt Velten|Hohenwerd|Lindtal|Ostersee|Grauenfels|Wiesbruck"
_FR_M = "Le phare|Le jardin|Le silence|Le voyageur|Le dernier été|Le pont|Le mensonge|Le théâtre"
_FR_F = "La maison|La nuit|La promesse|La rivière|La gare|La lettre|La saison|L'absence"
_FR_ADJECTIVES = (
    "bleu/bleue|perdu/perdue|oublié/oubliée|noir/noire|invisible/invisible|blanc/blanche|lointain/lointaine"
)
_FR_PLACES = "Mireval|Sainte-Aure|Montclar|Vaubrun|Pierrelac|Belcourt|Rochemont|Lussan"
_PT_M = "O farol|O rio|O mistério|O jardim|O silêncio|O trem|O verão|O retrato"
_PT_F = "A casa|A noite|A promessa|A estrada|A ilha|A carta|A herança|A chuva"
_PT_ADJECTIVES = (
    "perdido/perdida|antigo/antiga|secreto/secreta|azul/azul|distante/distante|esquecido/esquecida|breve/breve"
)
_PT_PLACES = "Santa Aurora|Pedra Alta|Vila Serena|Porto Manso|Monte Claro|Ribeira Funda"
_ES_M = "El faro|El río|El secreto|El jardín|El viento|El testigo|El verano|El puente"
_ES_F = "La casa|La noche|La promesa|La orilla|La isla|La carta|La sombra|La lluvia"
_ES_ADJECTIVES = "perdido/perdida|azul/azul|escondido/escondida|callado/callada|lejano/lejana|eterno/eterna|roto/rota"
_ES_PLACES = "Valdeluna|San Telmo|Peñaclara|Ribera Honda|Montesol|Aldea Nueva"
_JA_FIRST = "海辺|真夜中|夏|冬|雨|約束|東の町|月|最後|風|図書館|終着駅|灯台|雪国|春|秋|港|銀河|屋上|森|星空|古都"
_JA_SECOND = (
    "手紙|旅人|歌|庭|記憶|秘密|食堂|約束|列車|家族|影|時計|光|物語|橋|音楽|料理人|探偵|姉妹|教室|夢|涙|扉|地図|青春"
)
_JA_ADJECTIVES = "静かな|青い|遠い|小さな|長い|失われた|見えない|優しい"
_HI_FIRST = "शहर|बारिश|नदी|गाँव|सपनों|चाँद|समंदर|रेल|पहाड़|मिट्टी|दिल|सर्दी|आसमान|बचपन|हवा|धूप|जंगल|बाज़ार|माँ|सितारों|आँगन|सरहद"
_HI_M = "घर|सफ़र|राज़|मौसम|इंतज़ार|गीत|वादा|रास्ता|सच|किनारा|साया|मेला|ख़ज़ाना|जादू|दोस्त|दरवाज़ा"
_HI_F = "रात|कहानी|चिट्ठी|दुनिया|सुबह|ख़ामोशी|आवाज़|गली|उम्मीद|परछाईं|शाम|तलाश|दास्तान|मंज़िल|याद|पुकार"
_AR_FIRST = "بيت|ليل|طريق|سر|حكاية|مدينة|صوت|جسر|رسالة|ظل|حارس|أغنية|باب|حلم|سفينة|مفتاح|موسم|كنز|لعبة|عودة|رحلة|قلب"
_AR_SECOND = "البحر|الريح|النهر|القمر|الصحراء|الغريب|الشتاء|المنارة|الغياب|المطر|الحي|الجبل|السماء|الواحة|النجوم|الصمت"


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


SWEDISH: Final = tuple(_split(each) for each in (_SV_NOUNS, _SV_ADJECTIVES, _SV_PLACES))
GERMAN: Final = tuple(_split(each) for each in (_DE, _DE_ADJECTIVES, _DE_PLACES))
JAPANESE: Final = tuple(_split(each) for each in (_JA_FIRST, _JA_SECOND, _JA_ADJECTIVES))
HINDI: Final = tuple(_split(each) for each in (_HI_FIRST, _HI_M, _HI_F))
ARABIC: Final = tuple(_split(each) for each in (_AR_FIRST, _AR_SECOND))
ROMANCE: Final[dict[str, tuple[Agreeing, tuple[tuple[str, str], ...], tuple[str, ...], str]]] = {
    language: (
        (_split(masculine), _split(feminine)),
        tuple((pair.split("/")[0], pair.split("/")[1]) for pair in _split(adjectives)),
        _split(places),
        preposition,
    )
    for language, masculine, feminine, adjectives, places, preposition in (
        ("fr", _FR_M, _FR_F, _FR_ADJECTIVES, _FR_PLACES, "de"),
        ("pt", _PT_M, _PT_F, _PT_ADJECTIVES, _PT_PLACES, "de"),
        ("es", _ES_M, _ES_F, _ES_ADJECTIVES, _ES_PLACES, "de"),
    )
}
"""Nouns by gender, adjectives as (masculine, feminine), places, and the word between noun and place."""

GIVEN: Final[dict[str, str]] = {
    "en": "Nora Edwin Hazel Silas Maud Jonah Iris Clement Tess Rowan Edith Marcus Lena Calvin Orla Wesley Ada Percy "
    "Gwen Tobias Ruth Desmond Imogen Barnaby Freya Lionel Agnes Alistair Beatrix Callum Cora Dashiell Eleanor "
    "Finley Harriet Ivor Jasper Kit Lowell Mabel Niall Ottilie Perpetua Quentin Rosalind Seth Thea Ursula Vernon "
    "Winifred",
    "de": "Henrike Anselm Lotte Veit Marlene Konrad Jule Friedhelm Svenja Ruprecht Antje Lorenz Ilse Falk Wiebke Jost "
    "Greta Hannes Ida Jannik Klara Leopold Mathilde Nils Rosalie Severin Thea Ulrich",
    "fr": "Solène Bastien Maëlle Gaspard Odile Thibault Clémence Rémi Inès Aurélien Margaux Lucien Élodie Yvain Noémie "
    "Adèle Baptiste Célestine Damien Edmée Florent Géraldine Hugo Josiane Léonard Manon Octave Pauline Séverin",
    "sv": "Tuva Sixten Ylva Torsten Maj Hjalmar Saga Vidar Signe Ragnar Ebba Gösta Alva Sture Alma Birger Elin Folke "
    "Hedda Ivar Karin Linus Märta Nils Oskar Pella Runa Tage",
    "pt": "Iara Caetano Lívia Anselmo Jandira Raul Marisol Otávio Cecília Benedito Dalva Teo Noêmia Davi Aurora Bento "
    "Clarice Duarte Elisa Fabrício Graça Heitor Isaura Joca Leonor Mateus Nair Olavo",
    "es": "Marisa Anselmo Lucía Evaristo Jimena Rubén Paloma Joaquín Inés Leandro Abril Tomás Rocío Fermín Amparo "
    "Bruno Carmela Diego Elvira Facundo Gloria Hernán Irene Julián Leonor Mateo Nuria Óscar",
    "ja": "Haruka Kenjiro Mizuki Sota Chiyo Renta Kaho Isamu Natsuko Daigo Fumie Takuma Yuriko Shun Akari Genta Aiko "
    "Botan Emi Fuyuki Hinata Jiro Kotone Minori Noboru Rin Satoru Tomoe Umi Wataru",
    "hi": "Meenal Arvind Ishita Raghav Kavya Devendra Tara Nikhil Sunaina Ajit Leela Harish Vasudha Omkar Pallavi "
    "Amrita Bhaskar Chitra Dev Esha Gauri Hemant Indira Jatin Kiran Lalit Madhavi Neel Prerna",
    "ar": "Salma Karim Nadia Yusuf Layal Tarek Amal Sherif Dalia Hani Mariam Ziad Rania Basil Amina Bilal Dunya Faris "
    "Ghada Hisham Iman Jamil Khalid Lina Mounir Nour Rami Samira",
}
FAMILY: Final[dict[str, str]] = {
    "en": "Thackery Wainfleet Osgood Larkmoor Pemberwick Hollis Garrow Tindall Ashcombe Quillan Merrow Stanwick "
    "Fairley Brackley Coldwell Dunmore Elsworth Farnley Hathersage Kingsnorth Lydford Penhallow Redfern Tolliver "
    "Abernale Birchall Cattermole Dunwich Eastlake Fothergale Greythorn Holloway Inchbold Jessamy Kettering Loxley "
    "Marchbank Northcote Oakhurst Pellew Quarrington Rushworth Saltmarsh Trelawney Underhay Vyner Wexcombe Yarrow",
    "de": "Wendelbach Kroll Hasenauer Lindqvell Brackmann Osterfeld Steinhuber Vogtland Marwitz Dietrichsen Ebelin "
    "Ahlsdorf Birkenfels Cordes Drachenfels Eichstett Falkenrode Grimmert Hollweck Immendorf Junghans",
    "fr": "Delaruelle Montferrand Vasseur Caillebot Rochebrune Aubertin Lescarret Pommeraye Sauvignet Tournelle "
    "Beaurivage Chastelet Duvernoy Estienne Fontbelle Garancière Hautecour Jolivet Lamarque Mirecourt",
    "sv": "Ekvall Sundmark Lindhage Bergstrand Norrby Hällqvist Åkerlind Vikner Stenfalk Granholm Rosvall Björklind "
    "Dahlmark Engvall Forslund Grönvall Hedmark Isaksvik Kvarnström Lövgren Månehag",
    "pt": "Vasconde Albuquara Moraleda Figueirinha Pedrosa Tavarela Sampaiva Queirola Montenor Barradas Lacerdo "
    "Abrantela Belmonteiro Cordovil Durães Espinhal Fontoura Guedelha Junqueiro Lusitano Marinhal",
    "es": "Valdemora Iriarte Salcedal Montalbo Quirosa Olmedilla Barrionuez Castrejo Peñaranda Lozoya Arceniega "
    "Belmontes Cifuentel Duranza Escorial Fuentealba Garrovillas Huertas Jarandilla Luzón",
    "ja": "Aokawa Morishiro Tanemura Hoshizaki Kurobane Nishigaki Fujinami Okazawa Shiraume Yukimura Arahata Asagiri "
    "Fukamine Hanabusa Isozaki Kageyori Minazuki Natsukawa Okitsura Shirogane Tsukimura",
    "hi": "Deshwal Kulbhushan Narvekar Bhatnara Chaudhuri Sehgalia Ranadive Mittalkar Joshipura Vyasan Trivedal "
    "Agnihotra Banerwal Chandrakar Dharmadhik Gokhalia Hirapur Jaisingh Kashyapan Lokhandar Malhari",
    "ar": "Haddadin Mansouri Qasemi Barakatli Nassaroun Shahinar Farouqi Zaydani Halabian Tawfiqi Sabbaghi Abdallat "
    "Bishouri Chamouni Dabbaghi Ghazaleh Hilwani Jabalawi Kanafani Lahoudi Murshidi",
}
