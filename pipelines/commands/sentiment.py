"""`ror sentiment`: score, explain, evaluate and train; sample messages and take labels in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from pipelines.cli import Options
from pipelines.sentiment.engines import NAMES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipelines.settings import Settings

LABELS = ("negative", "neutral", "positive")
ENGINE = click.option("--engine", type=click.Choice(NAMES), default="linear", show_default=True)
ARTEFACT = click.option(
    "--artefact", type=click.Path(path_type=Path), help="Trained file. [default: the shipped one]"
)


@click.group()
def sentiment() -> None:
    """Sentiment of messages: en it es de fr pt ru, on this machine only."""


@sentiment.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--lang", help="Language of every line. [default: identified]")
@ENGINE
@ARTEFACT
def score(file: TextIO, lang: str | None, engine: str, artefact: Path | None) -> None:
    """Score a file of one message a line: probabilities, language, label, reason."""
    from pipelines.sentiment.explaining import label_of
    from pipelines.sentiment.scoring import score_batches

    texts = file.read().split("\n")
    texts = texts[:-1] if texts[-1] == "" else texts
    hints = [lang] * len(texts) if lang else None
    click.echo("p_neg\tp_neu\tp_pos\tlang\tlabel\treason")
    for found in score_batches(texts, hints, engine, artefact):
        for row, shares in enumerate(found.probabilities):
            label, reason = label_of(found, row)
            numbers = "\t".join(f"{share:.4f}" for share in shares)
            click.echo(f"{numbers}\t{found.codes[row]}\t{label}\t{reason or ''}")


@sentiment.command()
@click.argument("text")
@click.option("--lang", help="Language of the text. [default: identified]")
@ARTEFACT
def explain(text: str, lang: str | None, artefact: Path | None) -> None:
    """Tokens of a message with their valence, and the n-grams that moved its score."""
    from pipelines.sentiment.explaining import explain as explained

    found = explained(text, lang, artefact=artefact)
    shares = ", ".join(
        f"{name} {share:.3f}" for name, share in zip(LABELS, found.probabilities, strict=True)
    )
    why = f" ({found.reason})" if found.reason else ""
    click.echo(f"{found.label}{why}: {shares}; language {found.language}")
    click.echo(f"lexicon score {found.lexicon_score:+.3f}")
    click.echo("token             valence  weight  notes")
    for token in found.tokens:
        flags = ("is_negator", "is_negated", "is_contrast", "in_phrase")
        notes = " ".join(flag.split("_")[1] for flag in flags if getattr(token, flag))
        click.echo(f"{token.text:<16}  {token.valence:+7.2f}  {token.weight:6.1f}  {notes}")
    for gram, share in found.grams:
        click.echo(f"{gram!r:<16}  {share:+.3f} towards {'positive' if share > 0 else 'negative'}")


@sentiment.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@ENGINE
@ARTEFACT
def evaluate(file: Path, engine: str, artefact: Path | None) -> None:
    """Measure on a CSV of text,label,lang: macro-F1 with interval, calibration, abstention."""
    from pipelines.sentiment.evaluation import evaluate as measured
    from pipelines.sentiment.labelling import read_labels

    texts, labels, langs = read_labels(file)
    report = measured(texts, labels, langs, engine=engine, artefact=artefact)
    click.echo(report.score_version)
    click.echo("lang  messages  macro-F1  interval     accuracy  calibration  abstained")
    for code, found in report.by_language.items():
        interval = f"{found.macro_f1_low:.3f}-{found.macro_f1_high:.3f}"
        click.echo(
            f"{code:<4}  {found.count:>8}  {found.macro_f1:>8.3f}  {interval}  "
            f"{found.accuracy:>8.3f}  {found.calibration_error:>11.3f}"
            f"  {found.abstention_rate:>9.3f}"
        )
    click.echo(f"mean macro-F1 {report.mean_macro_f1:.3f}")


@sentiment.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def versions(files: tuple[Path, ...]) -> None:
    """The shipped artefact and given ones: version, profile, licences of what they learnt from."""
    from pipelines.sentiment.artefact import SHIPPED, load_artefact
    from pipelines.sentiment.engines import engine_of

    for path in (SHIPPED, *files):
        header = load_artefact(path).header
        click.echo(f"{engine_of('linear', path).version}  profile {header['profile']}  {path.name}")
        for one in header["training"]:
            click.echo(f"  {one['name']}: {one['rows']} rows; {one['licence']}")


@sentiment.command()
@click.option("--profile", type=click.Choice(["open", "local"]), default="open", show_default=True)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Folder with umsab/.")
@click.option("--add", "additions", multiple=True, help="rusentiment=FOLDER or labels=FILE.")
@click.option("--embed/--no-embed", "with_embed", default=False, help="Train the head of `embed`.")
@click.option("--cache", type=click.Path(path_type=Path), help="File that keeps embeddings.")
@click.option("--card", type=click.Path(path_type=Path), help="Model card to write.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File.npz to write.")
def train(
    profile: str,
    data: Path,
    additions: tuple[str, ...],
    with_embed: bool,
    cache: Path | None,
    card: Path | None,
    out: Path,
) -> None:
    """Train an artefact; with --embed it needs the extra `embed`."""
    from pipelines.sentiment.training.command import train_from

    outcome = train_from(profile, data, additions, with_embed, cache or out, card, out)
    for one in outcome.header["training"]:
        click.echo(f"learnt from {one['name']}, {one['rows']} rows; {one['licence']}")
    for (engine, code), found in outcome.quality.items():
        click.echo(f"{engine} {code}: macro-F1 {found.macro_f1:.3f}, n {found.count}")
    click.echo(f"{out}: sha256 {outcome.digest}")


@sentiment.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--n", "count", type=click.IntRange(min=4), default=200, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--messages",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Draw from this CSV of message_id,text. [default: from the warehouse]",
)
@click.pass_obj
def sample(options: Options, out: Path, count: int, seed: int, file: Path | None) -> None:
    """Draw messages to label: half at random, a quarter least certain, a quarter surely negative;
    with weights that keep estimates unbiased."""
    if file is not None:
        from pipelines.sentiment.labelling import draw_sample

        drawn = draw_sample(file, out, count, seed)
    else:
        from pipelines.sentiment.sampling import sample_messages

        with _build(options.settings(), "ror sentiment sample") as connection:
            drawn = sample_messages(connection, out, count, seed)
    click.echo(f"{out}: {drawn} messages; fill the column label, then ror sentiment label {out}")


@sentiment.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--labeller", required=True, help="Who labelled.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="CSV to append to. [default: the home's]"
)
@click.pass_obj
def label(options: Options, file: Path, labeller: str, out: Path | None) -> None:
    """Check a labelled sample and append it to the home's labels; prints the agreement with the
    model. From the next night on a label wins over the model's."""
    from pipelines.sentiment.labelling import take_labels

    summary = take_labels(file, out or options.settings().feedback_file, labeller)
    for name, value in asdict(summary).items():
        click.echo(f"{name}: {value if isinstance(value, int) else f'{value:.3f}'}")


@sentiment.command(name="export-labels")
@click.argument("out", type=click.Path(path_type=Path))
@click.pass_obj
def export_labels(options: Options, out: Path) -> None:
    """Write the labelled messages as text,label,lang: ror sentiment train --add labels=OUT."""
    from pipelines.sentiment.sampling import export_labels as exported

    with _build(options.settings(), "ror sentiment export-labels") as connection:
        count = exported(connection, out)
    click.echo(f"{out}: {count} labelled messages; people's texts: keep it private")


@sentiment.command()
@click.option("--limit", type=click.IntRange(min=1), help="Texts at most. [default: all]")
@click.pass_obj
def rescore(options: Options, limit: int | None) -> None:
    """Score now, with today's version, what only an older one scored; the next night shows it."""
    from datetime import UTC, datetime

    from pipelines.sentiment.cache import score_messages, scorer_of

    settings = options.settings()
    scorer = replace(scorer_of(settings), rescore_limit=limit)
    with _build(settings, "ror sentiment rescore") as connection:
        outcome = score_messages(connection, scorer, scored_at=datetime.now(UTC))
    click.echo(
        f"{outcome.score_version}: {outcome.scored} texts scored in {outcome.seconds:.1f} s,"
        f" {outcome.waiting} left; next: ror run"
    )


@contextmanager
def _build(settings: Settings, command: str) -> Iterator[DuckDBPyConnection]:
    """The build file under the run lock. Exit 65: there is none yet; 75: a run is going."""
    from datetime import UTC, datetime

    from pipelines import publish, runlock
    from pipelines.context import new_run_id
    from pipelines.errors import ExitCode, RorError

    if not settings.build_file.exists():
        raise RorError(
            "sentiment", "build file", "nothing was loaded yet", "ror run", ExitCode.DATA_REFUSED
        )
    now = datetime.now(UTC)
    with (
        runlock.hold(settings.lock_file, new_run_id(now), command, now),
        publish.build_connection(settings) as connection,
    ):
        yield connection
