"""The command that advises: which framework, format and type for a device."""

from __future__ import annotations

import click

from edgedocs.cli.output import emit_json, json_option
from edgedocs.core.errors import BadInput

NOTHING_FITS = 1


@click.command(short_help="Advise a framework, a format and a type for a device.")
@click.option("--ram", required=True, help="Memory of the device, such as 8GB or 16GiB; of the card for nvidia.")
@click.option("--device", required=True, help="apple, intel, amd, qualcomm, nvidia or cpu.")
@click.option("--task", required=True, help="chat, code, summarize or serve.")
@click.option("--params", help="Number of weights, such as 7B or 500M.")
@click.option("--model", help="A checkpoint instead of --params; its name stands in the commands.")
@json_option
@click.pass_context
def advise(
    context: click.Context, ram: str, device: str, task: str, params: str | None, model: str | None, as_json: bool
) -> None:
    """Advise a framework, a format and a type, with size and memory by formula, and the commands to run.

    Exits with 1 if nothing fits.

    \b
    Examples:
      edgedocs advise --ram 8GB --device apple --params 7B --task chat
      edgedocs advise --ram 16GiB --device cpu --model ./my-llama --task code --json
    """
    from edgedocs.advisor import advise as find

    if (params is None) == (model is None):
        raise BadInput("give --params or --model", expected="one of the two", remedy="add --params 7B, for example")
    found = find(ram, device, task, params, model)
    if as_json:
        emit_json(found.as_dict())
    else:
        memory = found.memory
        click.echo(f"framework  {found.framework}")
        click.echo(f"format     {found.target or 'the checkpoint as it is'}, type {found.type or 'none that fits'}")
        click.echo(f"size       {memory.weights / 1e9:.2f} GB, {found.bits_per_weight:.2f} bits a weight")
        click.echo(
            f"memory     {memory.total / 1e9:.2f} GB of {found.usable / 1e9:.2f} usable: "
            f"weights {memory.weights / 1e9:.2f}, key-value cache {memory.cache / 1e9:.2f}, "
            f"overhead {memory.overhead / 1e9:.2f}"
        )
        click.echo("because")
        for reason in found.reasons:
            click.echo(f"  - {reason}")
        if found.commands:
            click.echo("run")
            for command in found.commands:
                click.echo(f"  {command}")
    if not found.fits:
        context.exit(NOTHING_FITS)
