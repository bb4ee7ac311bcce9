"""Write the file of a data set: from a folder of your own files, or of Finnish stands with imagery to download."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from rojsat.config import command, compose, lazy, questions
from rojsat.config.command import Command

if TYPE_CHECKING:
    from rojsat.geo.discovery import folder as discovery
    from rojsat.stages import _data_file, _finnish_file, _finnish_stands, _next_commands
else:
    _finnish_file = lazy.module("rojsat.stages._finnish_file")
    _finnish_stands = lazy.module("rojsat.stages._finnish_stands")
    discovery = lazy.module("rojsat.geo.discovery.folder")
    _data_file = lazy.module("rojsat.stages._data_file")
    _next_commands = lazy.module("rojsat.stages._next_commands")

COMMAND = Command(
    "rojsat.stages.new_data",
    __doc__,
    "FOLDER name=mine\nNAME --finland MV_Ikaalinen.gpkg years=2019,2021 dry=true",
    "FOLDER [name=NAME] [dry=true] | NAME --finland AREA [years=YEARS] [api=API] [key=value ...] [dry=true]",
    keys={
        "name": "of the data set; default: the folder's name",
        "finland": "Finnish stands: a municipality, a box west,south,east,north, or a file (XML of the forest data "
        "standard, GeoPackage of Metsäkeskus)",
        "years": "of the imagery, as 2019,2021; default: those with most stands of both labels",
        "api": "of the imagery, as options.api of experiments/data/finland.yaml; default: earth_search",
        "download": "wfs (default), or file: the complete file of a municipality, which has completed operations too",
        "files": "address of another folder of files of municipalities",
        "stands": "address of another server of stands than Metsäkeskus'",
        "declarations": "likewise, of forest-use declarations; declarations= takes none",
        "municipalities": "likewise, of outlines of municipalities",
    },
)

SERVERS = ("stands", "declarations", "municipalities", "files")
"""Keys with addresses of servers."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def run(folder: Path, name: str | None = None, *, dry: bool = False) -> None:
    """Look into the folder, say what is there, and write `experiments/data/<name>.yaml`.

    Args:
        folder: of scenes, outlines of regions, GPS points, at any depth.
        name: of the data set; None: after the folder.
        dry: print the file and write nothing.

    Raises:
        ValueError: the name cannot be one or is in use, or the folder holds nothing that can be used.
    """
    chosen = _name(folder) if name is None else name
    file = compose.EXPERIMENTS / "data" / f"{chosen}.yaml"
    _check(chosen, file)
    content = discovery.look(folder)
    print("\n".join(_data_file.described(content)))
    text = _data_file.written(content, chosen)
    if dry:
        print(f"\n{file} would be:\n\n{text}", end="")
        return
    _write(file, text)
    print("\n".join(["", *_end(content, chosen, file)]))


def run_finland(
    area: str,
    name: str,
    *,
    years: str | None = None,
    api: str | None = None,
    download: str = "wfs",
    servers: Mapping[str, str] | None = None,
    dry: bool = False,
) -> None:
    """Look into Finnish stands, say what their imagery costs, and write `experiments/data/<name>.yaml`.

    Args:
        area: a file of stands, a municipality or a box; stands of these are fetched to `data/metsakeskus/<name>/`.
        name: of the data set.
        years: of the imagery, commas between; None: chosen by the labels.
        api: of the imagery; None: Earth Search.
        download: `wfs`, or `file`: the complete file of a municipality, which has completed operations too.
        servers: addresses of other servers than Metsäkeskus', by `stand_regions.SERVERS`.
        dry: print and write nothing; of a municipality or a box nothing is fetched, so that imagery is counted for all
            of it.

    Raises:
        ValueError: the name cannot be one or is in use, no stand has a label, or a server does not answer.
    """
    file, chosen_api, chosen_years = (
        compose.EXPERIMENTS / "data" / f"{name}.yaml",
        api or _finnish_file.API,
        _years(years),
    )
    _check(name, file)
    if dry and not _finnish_stands.is_file(area):
        _say_size(area, chosen_years, chosen_api, servers or {})
        return
    path = Path(area).expanduser().resolve()
    if not _finnish_stands.is_file(area):
        path = _finnish_stands.fetch(area, name, download, servers or {})
    stands = _finnish_file.look(path, chosen_years)
    print("\n".join(_finnish_file.described(stands)), flush=True)
    imagery = _finnish_file.imagery(stands.regions, stands.years, stands.tiles, chosen_api)
    print("\n".join(_finnish_file.cost(imagery, stands.regions)), flush=True)
    text = _finnish_file.written(stands, name, chosen_api, Path(area).name)
    if dry:
        print(f"\n{file} would be:\n\n{text}", end="")
        return
    _write(file, text)
    print("\n".join([f"file:     {file}, complete", f"next:     rojsat inspect data={name}"]))


def _say_size(area: str, years: Sequence[int] | None, api: str, servers: Mapping[str, str]) -> None:
    """Say how much stands and imagery of a municipality or a box are at most."""
    known = _finnish_stands.size(area, servers)
    chosen = years or list(_finnish_stands.possible_years())[-2:]
    ground = _finnish_stands.ground(known.area)
    imagery = _finnish_file.imagery(ground, chosen, None, api)
    print(f"{known}\nimagery of all of it in July of {', '.join(map(str, chosen))}; less when the stands are known:")
    print("\n".join(_finnish_file.cost(imagery, ground)))


def _years(text: str | None) -> list[int] | None:
    """Years of a word of the command line."""
    if text is None:
        return None
    years = text.strip("[]").split(",")
    if not all(re.fullmatch("20[0-9]{2}", year.strip()) for year in years):
        raise ValueError(f"years={text} names no years; write them as years=2019,2021")
    return sorted({int(year) for year in years})


def _name(folder: Path) -> str:
    """The name of a folder as that of a data set: `Röjning 2023` is `r_jning_2023`."""
    name = re.sub("[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    return name if _NAME.fullmatch(name) else f"data_{name}".rstrip("_")


def _check(name: str, file: Path) -> None:
    if not _NAME.fullmatch(name) or not isinstance(yaml.safe_load(name), str):
        raise ValueError(f"{name!r} cannot name a data set: small letters, digits and _, a letter first, as name=mine")
    if file.exists():
        raise ValueError(f"{file} exists already: choose another name (name=NAME), or delete the file")


def _write(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text)
        os.link(beside, file)  # fails where another process wrote one meanwhile
    finally:
        beside.unlink(missing_ok=True)


def _end(content: "discovery.FolderContent", name: str, file: Path) -> list[str]:
    """The file, its questions, what to do next."""
    asked = questions.of(file)
    if asked:
        lines = [f"file:  {file}", f"open:  {len(asked)} questions; write the answers where ??? stands in it"]
        return [*lines, *(f"  {question}" for question in asked), f"next:  rojsat inspect data={name}"]
    return [f"file:  {file}, complete", f"next:  rojsat inspect data={name}", *_next_commands.training(content, name)]


def _with_key(words: list[str]) -> list[str]:
    """The words, `--finland AREA` as `finland=AREA`."""
    if "--finland" not in words:
        return words
    position = words.index("--finland")
    if position + 1 == len(words):
        raise ValueError(f"name the stands: {COMMAND.call} NAME --finland AREA")
    return [*words[:position], f"finland={words[position + 1]}", *words[position + 2 :]]


def main() -> None:
    """Run the command line of this process."""

    def action(words: list[str], dry: bool) -> None:
        plain, values = command.split(_with_key(words), COMMAND)
        if "finland" in values:
            names = [*plain, *(values[key] for key in ("name",) if key in values)]
            if len(names) != 1:
                raise ValueError(f"give the data set one name: {COMMAND.call} NAME --finland AREA")
            of_servers = {key: values[key] for key in SERVERS if key in values}
            words_of = {key: values.get(key) for key in ("years", "api")}
            how = values.get("download", "wfs")
            run_finland(values["finland"], names[0], download=how, servers=of_servers, dry=dry, **words_of)
            return
        if len(plain) != 1 or {"years", "api", "download", *SERVERS} & values.keys():
            raise ValueError(f"name one folder: {COMMAND.call} {COMMAND.form}")
        run(Path(plain[0]).expanduser(), values.get("name"), dry=dry)

    command.start(action, COMMAND)


if __name__ == "__main__":
    main()
