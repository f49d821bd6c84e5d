# What a controller does. `guard` runs the guard with arguments and standard input, and returns what it answers.
import json
import uuid


def guard_of(machine, command="homelab-activate"):
    return lambda arguments, text="": machine.succeed(
        f"{command} {arguments} <<'EOF'\n{text}\nEOF"
    )


def begin(guard, to, **request):
    """Begins a deployment of the system `to`; returns its id and its token."""
    lines = {
        "id": str(uuid.uuid4()),
        "token": uuid.uuid4().hex,
        "to": to,
        "goal": "switch",
        "by": "vm-test",
        "confirmTimeout": 60,
        "activationTimeout": 300,
        "unhealthy": "rollback",
        **request,
    }
    guard("begin", "\n".join(f"{key}={value}" for key, value in lines.items()))
    return lines["id"], lines["token"]


def confirm(guard, id, token):
    guard(f"confirm {id}", token)


def outcome(guard, id):
    """Waits for the end of a deployment; returns its outcome and the reason."""
    events = [json.loads(line) for line in guard(f"follow {id}").splitlines()]
    end = next(event for event in events if event["type"] == "end")
    return end["outcome"], end["reason"]


def inspect(guard):
    return json.loads(guard("inspect"))


def wait_for_phase(machine, id, phase):
    file = f"/var/lib/homelab-deploy/deployments/{id}/phase"
    machine.wait_until_succeeds(f"grep -qx {phase} {file}")


def system_of(machine, specialisation):
    link = f"/run/current-system/specialisation/{specialisation}"
    return machine.succeed(f"readlink -f {link}").strip()
