"""X's lookups: posts and users by id, users by name. What cannot be read is a problem beside."""

from __future__ import annotations

from pipelines.world.fakenet import x_errors as errors
from pipelines.world.fakenet.facade import Request
from pipelines.world.fakenet.store import Seen
from pipelines.world.fakenet.x_ask import ids, whole
from pipelines.world.fakenet.x_body import Body
from pipelines.world.fakenet.x_names import BRAND_ID
from pipelines.world.fakenet.x_view import Json, XView

# What lookups of several have beside the parameters of the shape.
PARAMETERS = {"/2/tweets": ("ids",), "/2/users": ("ids",), "/2/users/by": ("usernames",)}


class Lookups:
    """Answers one request for named posts or users."""

    def __init__(self, view: XView, body: Body, request: Request) -> None:
        self.view, self.body, self.request = view, body, request

    def posts(self, post_id: str) -> Json:
        """One post by id, or up to a hundred; a superseded one still has its old text."""
        if post_id:
            whole("id", post_id)
        name, wanted = ("id", [post_id]) if post_id else ("ids", ids(self.request, "ids"))
        found = [seen for i in wanted if (seen := self._post(name, i)) is not None]
        return self._answer(self.body.posts(found), bool(post_id), found)

    def _post(self, name: str, post_id: str) -> Seen | None:
        dialect, seen = self.body.asked.dialect, self.view.posts.get(post_id)
        if seen is not None and self.view.is_seen(seen):
            return seen
        # Of a suspended author nothing is left to see; of a protected one, that it exists.
        is_hidden = seen is not None and seen.fields["author"] in self.view.users
        make = errors.hidden if is_hidden else errors.missing
        self.body.problems.append(make(dialect, dialect.kind, name, post_id))
        return None

    def users(self, subject: str) -> Json:
        """One user by id or `@name`, or up to a hundred of either; the protected too."""
        if subject.startswith("@"):
            name, wanted = "username", [subject[1:]]
        elif subject:
            whole("id", subject)
            name, wanted = "id", [subject]
        else:
            is_by_name = self.request.path.endswith("/by")
            name = "usernames" if is_by_name else "ids"
            wanted = ids(self.request, name)
        found = [seen for text in wanted if (seen := self._user(name, text)) is not None]
        return self._answer(self.body.users(found), bool(subject), [])

    def _user(self, name: str, text: str) -> Seen | None:
        view, dialect = self.view, self.body.asked.dialect
        if name.startswith("username"):
            seen = view.by_name.get(text.lower())
            gone = any(s.fields["username"] == text for s in view.suspended.values())
        else:
            seen, gone = view.users.get(text), text in view.suspended
        if seen is None:
            problem = (
                errors.suspended(dialect, name, text)
                if gone
                else errors.missing(dialect, "user", name, text)
            )
            self.body.problems.append(problem)
        return seen

    def me(self, _subject: str) -> Json:
        """The user whose token it is: the brand."""
        return self._answer(self.body.users([self.view.users[BRAND_ID]]), True, [])

    def _answer(self, shown: list[Json], is_one: bool, found: list[Seen]) -> Json:
        data = (shown[0] if is_one else shown) if shown else None
        return self.body.finished({"data": data} if data else {}, found)
