"""SCIM 2.0 over HTTP (RFC 7644): who calls, what was sent, what goes back; all in SCIM's own form, errors too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    InvalidSyntaxException,
    ListResponse,
    NotFoundException,
    PatchOp,
    PayloadTooLargeException,
    ResourceType,
    ResponseParameters,
    Schema,
    SCIMException,
    SearchRequest,
)

from terpadu.identity.rules.provider.proofs import Target
from terpadu.identity.rules.scim import LARGEST_BODY, POLICY, Group, OfficerUser, is_tagged, provider
from terpadu.identity.services.provider.resource import Refused
from terpadu.identity.services.provider.wire import issuer
from terpadu.identity.services.scim import groups, lists, users
from terpadu.identity.services.scim.caller import caller_of
from terpadu.kernel.actors import Actor

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/scim+json"
HEADERS = ("authorization", "dpop")
Work = Callable[..., HttpResponse]


def _answer(body: dict[str, Any] | None, *, status: int = 200) -> HttpResponse:
    content = orjson.dumps(body) if body is not None else b""
    return HttpResponse(content, status=status, content_type=MEDIA_TYPE)


def _error(error: Error, *, challenge: str = "") -> HttpResponse:
    response = _answer(error.model_dump(), status=error.status or 400)
    if challenge:
        response["WWW-Authenticate"] = challenge
    log.info("scim_refused", status=error.status, scim_type=error.scim_type)
    return response


def _guarded(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        with POLICY:
            return work()
    except Refused as refused:
        error = Error(status=refused.status, detail=refused.description)
        return _error(error, challenge=refused.challenge)
    except SCIMException as refusal:
        return _error(refusal.to_error())
    except ValidationError as fault:
        return _error(Error.from_validation_errors(fault.errors(include_input=False, include_url=False))[0])


def _endpoint(**works: Work) -> Callable[..., HttpResponse]:
    """Make a view of one function for each method; each gets the request and who calls."""

    @csrf_exempt
    @never_cache
    def view(request: HttpRequest, **named: str) -> HttpResponse:
        def serve() -> HttpResponse:
            work = works.get(request.method or "")
            if work is None:
                return _error(Error(status=405, detail="this method is not for this endpoint"))
            headers = {name: request.headers[name] for name in HEADERS if name in request.headers}
            target = Target(request.method or "", f"{issuer()}{request.path}")
            return work(request, caller_of(headers, target=target), **named)

        return _guarded(request, serve)

    return view


def _body(request: HttpRequest) -> Any:
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise PayloadTooLargeException()
    try:
        return orjson.loads(request.body)
    except ValueError:
        raise InvalidSyntaxException(detail="the body is not JSON") from None


def _shown(request: HttpRequest, resource: Any, context: Context, *, status: int = 200) -> HttpResponse:
    """Write a resource with its ETag and address; only the attributes that were asked for."""
    wish: ResponseParameters[Any] = ResponseParameters.model_validate(
        {name: request.GET[name] for name in ("attributes", "excludedAttributes") if name in request.GET}
    )
    body = resource.model_dump(scim_ctx=context, response_parameters=wish)
    response = _answer(body, status=status)
    response["ETag"], response["Location"] = resource.meta.version, resource.meta.location
    return response


def _read(request: HttpRequest, resource: Any) -> HttpResponse:
    version = int(resource.meta.version.strip('W/"'))
    if is_tagged(request.headers.get("If-None-Match", "-"), version):
        response = HttpResponse(status=304)
        response["ETag"] = resource.meta.version
        return response
    return _shown(request, resource, Context.RESOURCE_QUERY_RESPONSE)


def _if_match(request: HttpRequest) -> str:
    return request.headers.get("If-Match", "")


def _listed(request: HttpRequest, by: Actor, *, model: Any, read: Callable[..., Any]) -> HttpResponse:
    given = _body(request) if request.method == "POST" else {name: request.GET[name] for name in request.GET}
    context = Context.SEARCH_REQUEST if request.method == "POST" else Context.DEFAULT
    search = SearchRequest[model].model_validate(given, scim_ctx=context)
    page = read(search, by=by)
    return _answer(page.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=search))


def _users_list(request: HttpRequest, by: Actor) -> HttpResponse:
    return _listed(request, by, model=OfficerUser, read=lists.user_list)


def _users_post(request: HttpRequest, by: Actor) -> HttpResponse:
    given = OfficerUser.model_validate(_body(request), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    made = users.user_create(given, by=by)
    return _shown(request, made, Context.RESOURCE_CREATION_RESPONSE, status=201)


def _user_get(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    return _read(request, lists.user_get(resource_id, by=by))


def _user_put(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    given = OfficerUser.model_validate(_body(request), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    changed = users.user_replace(resource_id, given, if_match=_if_match(request), by=by)
    return _shown(request, changed, Context.RESOURCE_REPLACEMENT_RESPONSE)


def _user_patch(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    patch = PatchOp[OfficerUser].model_validate(_body(request), scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    changed = users.user_patch(resource_id, patch, if_match=_if_match(request), by=by)
    return _shown(request, changed, Context.RESOURCE_PATCH_RESPONSE)


def _user_delete(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    users.user_delete(resource_id, if_match=_if_match(request), by=by)
    return HttpResponse(status=204)


def _groups_list(request: HttpRequest, by: Actor) -> HttpResponse:
    return _listed(request, by, model=Group, read=lists.group_list)


def _groups_post(request: HttpRequest, by: Actor) -> HttpResponse:
    given = Group.model_validate(_body(request), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    made = groups.group_create(given, by=by)
    return _shown(request, made, Context.RESOURCE_CREATION_RESPONSE, status=201)


def _group_get(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    return _read(request, lists.group_get(resource_id, by=by))


def _group_put(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    given = Group.model_validate(_body(request), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    changed = groups.group_replace(resource_id, given, if_match=_if_match(request), by=by)
    return _shown(request, changed, Context.RESOURCE_REPLACEMENT_RESPONSE)


def _group_patch(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    patch = PatchOp[Group].model_validate(_body(request), scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    changed = groups.group_patch(resource_id, patch, if_match=_if_match(request), by=by)
    return _shown(request, changed, Context.RESOURCE_PATCH_RESPONSE)


def _group_delete(request: HttpRequest, by: Actor, resource_id: str) -> HttpResponse:
    groups.group_delete(resource_id, if_match=_if_match(request), by=by)
    return HttpResponse(status=204)


users_endpoint = _endpoint(GET=_users_list, POST=_users_post)
users_search = _endpoint(POST=_users_list)
user_endpoint = _endpoint(GET=_user_get, PUT=_user_put, PATCH=_user_patch, DELETE=_user_delete)
groups_endpoint = _endpoint(GET=_groups_list, POST=_groups_post)
groups_search = _endpoint(POST=_groups_list)
group_endpoint = _endpoint(GET=_group_get, PUT=_group_put, PATCH=_group_patch, DELETE=_group_delete)


@csrf_exempt
def discovery(request: HttpRequest, what: str, name: str = "") -> HttpResponse:
    """Say what the service can do: ServiceProviderConfig, Schemas, ResourceTypes (RFC 7644, 4). No token is needed."""
    return _guarded(request, lambda: _discovered(request, what, name))


def _discovered(request: HttpRequest, what: str, name: str) -> HttpResponse:
    if request.method != "GET":
        return _error(Error(status=405, detail="this endpoint is only read"))
    if "filter" in request.GET:
        return _error(Error(status=403, detail="this endpoint takes no filter"))
    said = provider(f"{issuer()}/.well-known/oauth-authorization-server")
    context = Context.RESOURCE_QUERY_RESPONSE
    if what == "ServiceProviderConfig" and said.config:
        return _answer(said.config.model_dump(scim_ctx=context))
    found: list[Any] = [*(said.schemas if what == "Schemas" else said.resource_types)]
    if name:
        found = [
            one for one in found if name.casefold() in (str(one.id).casefold(), str(one.name).casefold())
        ]
        if not found:
            raise NotFoundException(detail="no such resource")
        return _answer(found[0].model_dump(scim_ctx=context))
    kind: Any = Schema if what == "Schemas" else ResourceType
    listed = ListResponse[kind](
        total_results=len(found), start_index=1, items_per_page=len(found), resources=found
    )
    return _answer(listed.model_dump(scim_ctx=context))


@csrf_exempt
def not_built(request: HttpRequest) -> HttpResponse:
    """Say of /Bulk, /Me and a search over everything that they are not built."""
    return _error(Error(status=501, detail="not supported"))


@csrf_exempt
def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Say in SCIM's form that an address is not there."""
    return _error(Error(status=404, detail="no such endpoint"))
