"""All the calls of the API: one table. Routing, access, OpenAPI, documentation and `frontrow show routes` follow it."""

from __future__ import annotations

from typing import Any

from frontrow.api import examples, metrics
from frontrow.api.calls import catalogue, console, experiments, intake, lists, pages, people, site, viewer
from frontrow.api.calls.experiments import Experiments
from frontrow.api.records import (
    Events,
    EventsBody,
    FlagsBody,
    Health,
    MergeBody,
    Profiles,
    ProfilesBody,
    Titles,
    TitlesBody,
    TitlesPage,
    TitlesQuery,
)
from frontrow.api.route import MEBIBYTE, Route
from frontrow.catalog.title import Title
from frontrow.events.answer import IngestAnswer, UpsertAnswer
from frontrow.experiments.design.design import Design
from frontrow.people.profile import Profile
from frontrow.people.store import Receipt
from frontrow.recommend.answers import Explanation, Features, Page, RankedSlate, Rows, Slate
from frontrow.recommend.request import (
    ExplainRequest,
    HomeRequest,
    ListRequest,
    RankRequest,
    RowsRequest,
    SearchRequest,
    SimilarRequest,
)

APP = frozenset({"app", "operator", "admin"})
APP_SUPPORT = APP | {"support"}
SUPPORT = frozenset({"support", "operator", "admin"})
OPERATOR = frozenset({"operator", "admin"})
ANALYST = frozenset({"analyst", "admin"})
READERS = OPERATOR | ANALYST
ADMIN = frozenset({"admin"})

JSON_SCHEMA = dict[str, Any]
BATCH_BYTES = 8 * MEBIBYTE


def _batch(method: str, name: str, handler: Any, roles: frozenset[str], summary: str, **rest: Any) -> Route:
    body, shown = {
        "events": (EventsBody, Events),
        "titles": (TitlesBody, Titles),
        "profiles": (ProfilesBody, Profiles),
    }[name]
    return Route(
        method, f"/v1/{name}", handler, roles, summary, body=body, shown=shown, batch=name, in_thread=True,
        max_body=BATCH_BYTES, **rest,
    )  # fmt: skip


ROUTES: tuple[Route, ...] = (
    _batch("POST", "events", intake.post_events, APP, "Sends what viewers did; 202 once it is on disk",
           answer=IngestAnswer, status=202, example=examples.EVENTS),
    Route("GET", "/v1/home", pages.home, APP_SUPPORT, "A home page (context as `context.NAME=value`)",
          Page, query=HomeRequest, example=examples.HOME),
    Route("POST", "/v1/home", pages.home, APP_SUPPORT, "A home page",
          Page, body=HomeRequest, example=examples.HOME | {"context": {"weather": "rain"}}),
    Route("GET", "/v1/pages/{page_id}/rows", pages.further_rows, APP_SUPPORT, "Further rows of a page",
          Rows, (404, 410), query=RowsRequest, example=examples.ROWS),
    Route("POST", "/v1/recommendations", lists.recommendations, APP, "The best titles for a profile and a horizon",
          Slate, body=ListRequest, example=examples.RECOMMENDATIONS),
    Route("POST", "/v1/rank", lists.rank, APP, "Given titles in order, and why some are dropped",
          RankedSlate, body=RankRequest, example=examples.RANK),
    Route("GET", "/v1/search", lists.search, APP, "Titles that match a query",
          Slate, query=SearchRequest, example=examples.SEARCH),
    _batch("PUT", "titles", catalogue.put_titles, OPERATOR, "Stores whole titles",
           answer=UpsertAnswer, example=examples.TITLES),
    _batch("PATCH", "titles", catalogue.patch_titles, OPERATOR, "Merges into titles (RFC 7396)",
           answer=UpsertAnswer, example=examples.TITLES_PATCH),
    Route("GET", "/v1/titles", catalogue.list_titles, OPERATOR, "The catalogue, part by part",
          TitlesPage, query=TitlesQuery, example=examples.TITLES_LIST),
    Route("GET", "/v1/titles/{title_id}", catalogue.get_title, OPERATOR, "One title as it is stored", Title, (404,)),
    Route("DELETE", "/v1/titles/{title_id}", catalogue.delete_title, OPERATOR, "Removes a title from the catalogue",
          None, (404,), status=204, in_thread=True),
    Route("GET", "/v1/titles/{title_id}/similar", lists.similar, APP, "Titles like one title",
          Slate, (404,), query=SimilarRequest, example=examples.SIMILAR),
    _batch("PUT", "profiles", people.put_profiles, APP, "Stores whole profiles",
           answer=UpsertAnswer, example=examples.PROFILES),
    _batch("PATCH", "profiles", people.patch_profiles, APP, "Merges into profiles (RFC 7396)",
           answer=UpsertAnswer, example=examples.PROFILES_PATCH),
    Route("GET", "/v1/profiles/{profile_id}", people.get_profile, APP, "One profile as it is stored", Profile, (404,)),
    Route("DELETE", "/v1/profiles/{profile_id}", people.forget, ADMIN, "Erases all that is held about a profile",
          Receipt, (404,), in_thread=True),
    Route("GET", "/v1/profiles/{profile_id}/export", people.export, ADMIN, "All that is held about a profile",
          JSON_SCHEMA, (404,)),
    Route("POST", "/v1/profiles/{profile_id}/merge", people.merge, APP, "An anonymous profile becomes this one",
          JSON_SCHEMA, (404,), body=MergeBody, example=examples.MERGE, in_thread=True),
    Route("GET", "/v1/profiles/{profile_id}/explain/{title_id}", pages.explain, SUPPORT,
          "Why a title is shown to a profile, or why not", Explanation, query=ExplainRequest, example=examples.EXPLAIN),
    Route("GET", "/v1/features/{profile_id}", pages.features, APP_SUPPORT, "A profile's features", Features, (404,)),
    Route("GET", "/v1/experiments", experiments.list_experiments, READERS, "All experiments", Experiments),
    Route("GET", "/v1/experiments/{experiment_id}", experiments.get_experiment, READERS,
          "One experiment, with its `ETag`", Design, (404,)),
    Route("PUT", "/v1/experiments/{experiment_id}", experiments.put_experiment, OPERATOR,
          "States an experiment, starts it (`state` running) or stops it (stopped); `If-Match` guards against others",
          Design, (412,), body=JSON_SCHEMA, shown=Design, example=examples.EXPERIMENT, in_thread=True),
    Route("DELETE", "/v1/experiments/{experiment_id}", experiments.delete_experiment, OPERATOR,
          "Removes an experiment that does not run", None, (404, 412), status=204, in_thread=True),
    Route("POST", "/ofrep/v1/evaluate/flags/{key}", experiments.flag, APP,
          "One flag, by OpenFeature's remote evaluation protocol; errors are the protocol's", JSON_SCHEMA,
          body=bytes, shown=FlagsBody, example=examples.FLAGS),
    Route("POST", "/ofrep/v1/evaluate/flags", experiments.flags, APP,
          "All flags, by OpenFeature's remote evaluation protocol, with `ETag`", JSON_SCHEMA,
          body=bytes, shown=FlagsBody, example=examples.FLAGS),
    Route("GET", "/health/live", site.live, None, "Whether the process answers", Health),
    Route("GET", "/health/ready", site.ready, None, "Whether it serves; without a trained model too", Health),
    Route("GET", "/metrics", site.show_metrics, ANALYST, "Counters for Prometheus, summed over workers",
          str, content_type=metrics.CONTENT_TYPE),
    Route("GET", "/openapi.json", site.openapi, None, "This description", JSON_SCHEMA),
    Route("GET", "/docs", site.docs, None, "This description for people",
          str, content_type="text/html; charset=utf-8"),
    Route("GET", "/docs.css", site.docs_css, None, "The documentation's style",
          str, content_type="text/css; charset=utf-8"),
    # The viewer page: admin's, and so open with --dev, where nobody needs a key, and closed to a browser elsewhere.
    Route("GET", "/", viewer.front, ADMIN, "The viewer page (with --dev)",
          str, query=viewer.FrontQuery, content_type=viewer.HTML, example=examples.FRONT),
    Route("GET", "/view/rows", viewer.rows, ADMIN, "Rows of a new page, drawn",
          str, query=viewer.PartQuery, content_type=viewer.HTML, example=examples.PART),
    Route("GET", "/view/pages/{page_id}/rows", viewer.further, ADMIN, "Further rows of a page, drawn",
          str, (404, 410), query=viewer.FurtherQuery, content_type=viewer.HTML,
          example=examples.PART | {"after": "1-top_picks"}),
    Route("GET", "/view/search", viewer.results, ADMIN, "Titles that match a query, drawn",
          str, query=viewer.FindQuery, content_type=viewer.HTML, example=examples.PART | {"q": "harbour"}),
    Route("GET", "/view/titles/{title_id}", viewer.details, ADMIN, "A title, drawn",
          str, (404,), query=viewer.PartQuery, content_type=viewer.HTML, example=examples.PART),
    Route("GET", "/view/titles/{title_id}/why", viewer.why, ADMIN, "The evidence for a title, drawn",
          str, query=viewer.PartQuery, content_type=viewer.HTML, example=examples.PART),
    Route("GET", "/console/features", console.features, ADMIN, "A profile's features as events move them (with --dev)",
          str, query=console.FeaturesQuery, content_type=viewer.HTML, example=examples.FEATURES),
    Route("GET", "/view/features", console.table, ADMIN, "The same, the table alone",
          str, query=console.FeaturesQuery, content_type=viewer.HTML, example=examples.FEATURES),
    Route("GET", "/web/{file}", viewer.static, ADMIN, "The viewer page's styles and modules",
          str, (404,), content_type="text/css; charset=utf-8"),
)  # fmt: skip


def route_rows() -> list[dict[str, str]]:
    """The table for people: method, path, roles and summary of every call."""
    return [
        {
            "method": route.method,
            "path": route.path,
            "roles": "open" if route.roles is None else ", ".join(sorted(route.roles)),
            "summary": route.summary,
        }
        for route in ROUTES
    ]
