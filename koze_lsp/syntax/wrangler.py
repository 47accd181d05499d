"""The facts of a wrangler file: its workflows, its environments and every binding name.

What counts as a binding of which kind follows wrangler 4.164's own check for unique names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from koze_lsp.syntax import jsonc
from koze_lsp.syntax.jsonc import JsonArray, JsonMember, JsonNode, JsonObject, JsonString, JsonTree, to_data
from koze_lsp.text import Span

WORKFLOW = "Workflow"

# Field → what wrangler calls the binding in its messages.
_BINDING_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "data_blobs": "Data Blob",
        "durable_objects": "Durable Object",
        "kv_namespaces": "KV Namespace",
        "send_email": "Send Email",
        "queues": "Queue",
        "d1_databases": "D1 Database",
        "vectorize": "Vectorize Index",
        "ai_search_namespaces": "AI Search Namespace",
        "ai_search": "AI Search Instance",
        "agent_memory": "Agent Memory",
        "hyperdrive": "Hyperdrive Config",
        "r2_buckets": "R2 Bucket",
        "logfwdr": "logfwdr",
        "services": "Worker",
        "analytics_engine_datasets": "Analytics Engine Dataset",
        "text_blobs": "Text Blob",
        "browser": "Browser Run",
        "analytics": "Analytics SQL",
        "ai": "AI",
        "images": "Images",
        "stream": "Stream",
        "media": "Media",
        "version_metadata": "Worker Version Metadata",
        "unsafe": "Unsafe Metadata",
        "vars": "Environment Variable",
        "wasm_modules": "Wasm Module",
        "dispatch_namespaces": "Dispatch Namespace",
        "mtls_certificates": "mTLS Certificate",
        "workflows": WORKFLOW,
        "pipelines": "Pipeline",
        "k2": "K2 Stream",
        "secrets_store_secrets": "Secrets Store Secret",
        "artifacts": "Artifacts",
        "ratelimits": "Rate Limit",
        "assets": "Assets",
        "unsafe_hello_world": "Hello World",
        "flagship": "Flagship",
        "worker_loaders": "Worker Loader",
        "vpc_services": "VPC Service",
        "vpc_networks": "VPC Network",
    }
)
_NAMED_BY_KEY = frozenset({"vars", "wasm_modules", "text_blobs", "data_blobs"})


@dataclass(frozen=True, slots=True)
class BindingFact:
    """One name in ``env``. ``env`` is the environment that it belongs to, None for the top level.

    ``span`` is inside the quotes of a value; where the name is a key, it is the key with its quotes.
    """

    name: str
    kind: str
    span: Span
    env: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowEntry:
    """One item of a ``workflows`` array, of whatever type it is."""

    node: JsonNode
    index: int
    env: str | None = None

    @property
    def span(self) -> Span:
        """The whole item."""
        return self.node.span

    @property
    def path(self) -> str:
        """The item as wrangler names it: ``workflows[0]``, ``env.staging.workflows[0]``."""
        return f"{list_path(self.env)}[{self.index}]"

    @property
    def object(self) -> JsonObject | None:
        """The item, where it is an object."""
        return self.node if isinstance(self.node, JsonObject) else None

    def value(self, key: str) -> JsonNode | None:
        """The value of a field, of any type; None where the field is missing."""
        return self.node.get(key) if isinstance(self.node, JsonObject) else None

    def string(self, key: str) -> JsonString | None:
        """The value of a field that is a string."""
        found = self.value(key)
        return found if isinstance(found, JsonString) else None

    def text(self, key: str) -> str | None:
        """The text of a field that is a string."""
        found = self.string(key)
        return found.value if found is not None else None

    @property
    def name(self) -> str | None:
        """The name of the workflow at Cloudflare."""
        return self.text("name")

    @property
    def binding(self) -> str | None:
        """The name in ``env``."""
        return self.text("binding")

    @property
    def class_name(self) -> str | None:
        """The class that the Worker's entry exports."""
        return self.text("class_name")

    @property
    def script_name(self) -> str | None:
        """The Worker that holds the class, where it is not this one."""
        return self.text("script_name")


@dataclass(frozen=True, slots=True)
class WorkflowList:
    """The field ``workflows`` at the top level or in an environment, of whatever type its value is."""

    member: JsonMember
    value: JsonNode
    entries: tuple[WorkflowEntry, ...]
    env: str | None = None

    @property
    def key_span(self) -> Span:
        """The key with its quotes."""
        return self.member.key.span

    @property
    def array(self) -> JsonArray | None:
        """The value, where it is an array."""
        return self.value if isinstance(self.value, JsonArray) else None

    @property
    def path(self) -> str:
        """The field as wrangler names it."""
        return list_path(self.env)


@dataclass(frozen=True, slots=True)
class Environment:
    """One ``env.NAME``; ``workflows`` is None where it has none of its own."""

    name: str
    key_span: Span
    object: JsonObject | None
    workflows: WorkflowList | None


@dataclass(frozen=True, slots=True)
class WranglerFacts:
    """What a wrangler file says.

    Attributes:
        tree: the file; for TOML the same kind of tree, whose spans inside inline tables are those of
            the whole value.
        root: the settings, or None where wrangler cannot read any.
        name: the Worker's name.
        main: the Worker's entry.
        workflows: the field ``workflows`` of the top level, if there is one.
        environments: ``env.NAME`` by name.
        bindings: every name in ``env``, of all kinds and environments.
        vars: ``vars`` of the top level as Python data.
    """

    tree: JsonTree
    toml: bool = False
    root: JsonObject | None = None
    name: JsonString | None = None
    main: JsonString | None = None
    workflows: WorkflowList | None = None
    environments: Mapping[str, Environment] = field(default_factory=dict)
    bindings: tuple[BindingFact, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether wrangler reads settings from the file."""
        return self.root is not None

    @property
    def entries(self) -> tuple[WorkflowEntry, ...]:
        """The workflows of the top level."""
        return self.workflows.entries if self.workflows is not None else ()

    @property
    def lists(self) -> tuple[WorkflowList, ...]:
        """The ``workflows`` of the top level and of each environment that has its own."""
        own = [env.workflows for env in self.environments.values() if env.workflows is not None]
        return (self.workflows, *own) if self.workflows is not None else tuple(own)

    @property
    def binding_names(self) -> frozenset[str]:
        """Every name that some environment of the Worker has in ``env``."""
        return frozenset(binding.name for binding in self.bindings)


def list_path(env: str | None) -> str:
    """``workflows``, or ``env.NAME.workflows``, as wrangler writes it."""
    return "workflows" if env is None else f"env.{env}.workflows"


def inner_span(tree: JsonTree, node: JsonNode) -> Span:
    """The text inside the quotes of a string; of an empty one, and of another value, the whole span."""
    start, end = node.span
    quoted = end - start > 2 and tree.source[start] in "\"'" and tree.source[end - 1] == tree.source[start]
    return Span(start + 1, end - 1) if isinstance(node, JsonString) and quoted else node.span


def parse(source: str, toml: bool = False) -> WranglerFacts:
    """The facts of a wrangler file. Any text gives some; what it does not say is None or empty."""
    if toml:
        from koze_lsp.syntax import toml_tree  # noqa: PLC0415 - few applications have one, and its libraries cost 8 ms

        tree = toml_tree.parse(source)
    else:
        tree = jsonc.parse(source)
    root = tree.root
    if tree.error is not None or not isinstance(root, JsonObject):
        return WranglerFacts(tree, toml)
    environments = {environment.name: environment for environment in _environments(root)}
    bindings = list(_bindings(tree, root, None))
    for environment in environments.values():
        if environment.object is not None:
            bindings += _bindings(tree, environment.object, environment.name)
    variables = root.get("vars")
    return WranglerFacts(
        tree,
        toml,
        root,
        _string(root, "name"),
        _string(root, "main"),
        _list(root, None),
        environments,
        tuple(bindings),
        to_data(variables) if isinstance(variables, JsonObject) else {},
    )


def _string(parent: JsonObject, key: str) -> JsonString | None:
    found = parent.get(key)
    return found if isinstance(found, JsonString) else None


def _list(parent: JsonObject, env: str | None) -> WorkflowList | None:
    member = parent.member("workflows")
    if member is None or member.value is None:
        return None
    items = member.value.items if isinstance(member.value, JsonArray) else ()
    entries = tuple(WorkflowEntry(item, index, env) for index, item in enumerate(items))
    return WorkflowList(member, member.value, entries, env)


def _environments(root: JsonObject) -> Iterator[Environment]:
    environments = root.get("env")
    if not isinstance(environments, JsonObject):
        return
    for member in environments.members:
        value = member.value if isinstance(member.value, JsonObject) else None
        own = _list(value, member.key.value) if value is not None else None
        yield Environment(member.key.value, member.key.span, value, own)


def _bindings(tree: JsonTree, parent: JsonObject, env: str | None) -> Iterator[BindingFact]:
    """Every binding of one environment, in the order of the file."""
    for member in parent.members:
        key, value = member.key.value, member.value
        if key == "secrets" and isinstance(value, JsonObject):
            required = value.get("required")
            names = required.items if isinstance(required, JsonArray) else ()
            kind: str | None = "Secret"
        else:
            kind = _BINDING_KINDS.get(key)
            names = _names(key, value) if kind is not None and parent.member(key) is member else ()
        for name in names:
            if kind is not None and isinstance(name, JsonString):
                span = name.span if key in _NAMED_BY_KEY else inner_span(tree, name)
                yield BindingFact(name.value, kind, span, env)


def _names(field_name: str, value: JsonNode | None) -> tuple[JsonNode, ...]:
    """The nodes that hold the names of one kind of binding."""
    if field_name == "queues":
        value = value.get("producers") if isinstance(value, JsonObject) else None
    label = "binding"
    if isinstance(value, JsonObject):
        if field_name in _NAMED_BY_KEY:
            return tuple(member.key for member in value.members)
        inner = value.get("bindings")
        if isinstance(inner, JsonArray):
            value, label = inner, "name"
        else:
            one = value.get("binding")
            return (one,) if one is not None else ()
    if isinstance(value, JsonArray):
        found = (item.get(label) for item in value.items if isinstance(item, JsonObject))
        return tuple(node for node in found if node is not None)
    return ()
