"""Secrets reach the sandbox's environment by name, and a failure says everything that is wrong at once."""

import pytest
from cwsandbox import AuthHeaders, CWSandboxAuthenticationError, SandboxError, SandboxNotFoundError, SandboxValidationError
from cwsandbox import Secret as StoreSecret
from wandb.sandbox import Sandbox, Secret


class Key:
    """Authenticates with an API key other than the environment's."""

    def __init__(self, key, **headers):
        self.headers = {"authorization": f"Bearer {key}", **headers}

    def resolve_auth(self, *, base_url):
        return AuthHeaders(headers=self.headers, strategy="test")


def printenv(sandbox, *names, shell=("sh", "-c")):
    command = "; ".join(f'printf "%s=%s\\n" {n} "${n}"' for n in names)
    out = sandbox.exec([*shell, command], check=True).result().stdout
    return dict(line.split("=", 1) for line in out.splitlines())


def nothing_left(tag):
    return Sandbox.list(tags=[tag], show_terminated=True).result() == []


def test_values_names_fields_and_shells(stack):
    with Sandbox.run(
        secrets=[
            Secret(name="HF_TOKEN"),
            Secret(name="OPENAI_API_KEY", env_var="X"),
            Secret(name="DB", field="password", env_var="DB_PASSWORD"),
            Secret(name="DB", env_var="DB_JSON"),
        ],
        environment_variables={"PLAIN": "text"},
    ) as sandbox:
        want = {
            "HF_TOKEN": stack.values["HF_TOKEN"],
            "X": stack.values["OPENAI_API_KEY"],
            "OPENAI_API_KEY": "",
            "DB_PASSWORD": stack.values["DB"]["password"],
            "PLAIN": "text",
        }
        assert printenv(sandbox, *want) == want
        # A login shell reads /etc/profile, which must not undo it.
        assert printenv(sandbox, *want, shell=("bash", "-lc")) == want
        child = sandbox.exec(["python", "-c", "import json, os; print(json.loads(os.environ['DB_JSON'])['user'])"])
        assert child.result().stdout.strip() == stack.values["DB"]["user"]
        # The echo: the SDK rebuilds these from the server's answers.
        again = Sandbox.from_id(sandbox.sandbox_id).result()
        assert [(s.store, s.name, s.field, s.env_var) for s in again.containers[0].secrets] == [
            ("wandb-team-secrets", "HF_TOKEN", "", "HF_TOKEN"),
            ("wandb-team-secrets", "OPENAI_API_KEY", "", "X"),
            ("wandb-team-secrets", "DB", "password", "DB_PASSWORD"),
            ("wandb-team-secrets", "DB", "", "DB_JSON"),
        ]


def test_every_store_name_means_the_team(stack):
    stores = ["wandb-team-secrets", "wandb", "default"]
    secrets = [StoreSecret(store=s, name="HF_TOKEN", env_var=f"V{i}") for i, s in enumerate(stores)]
    with Sandbox.run(secrets=secrets) as sandbox:
        values = printenv(sandbox, "V0", "V1", "V2")
        assert set(values.values()) == {stack.values["HF_TOKEN"]}


def test_unknown_store(tag):
    with pytest.raises(SandboxValidationError) as e:
        Sandbox.run(secrets=[StoreSecret(store="my-vault", name="HF_TOKEN")], tags=[tag])
    for word in ("my-vault", "wandb-team-secrets", "wandb", "default"):
        assert word in str(e.value)
    assert [v.field for v in e.value.field_violations] == ["sandbox.spec.containers[0].secret_stores[0].store_name"]
    assert nothing_left(tag)


def test_missing_secrets_are_all_named(stack, tag):
    with pytest.raises(SandboxError) as e:
        Sandbox.run(
            secrets=[
                Secret(name="HF_TOKEN"),
                Secret(name="NO_SUCH_ONE"),
                Secret(name="NO_SUCH_TWO"),
                Secret(name="DB", field="no_such_key", env_var="D"),
            ],
            tags=[tag],
        )
    # Neither "sandbox not found" nor "bad key": by their classes users would look in the wrong place.
    assert type(e.value) is SandboxError
    for word in ("NO_SUCH_ONE", "NO_SUCH_TWO", "no_such_key", stack.team):
        assert word in str(e.value)
    assert stack.values["HF_TOKEN"] not in str(e.value)
    assert nothing_left(tag)


def test_destroyed_version(tag):
    with pytest.raises(SandboxError, match="DESTROYED_ONE"):
        Sandbox.run(secrets=[Secret(name="DESTROYED_ONE")], tags=[tag])
    assert nothing_left(tag)


def test_another_teams_secret_is_like_a_missing_one(stack, tag):
    def message(name):
        with pytest.raises(SandboxError) as e:
            Sandbox.run(secrets=[Secret(name=name)], tags=[tag])
        return str(e.value).replace(name, "NAME")

    assert "OTHERS_ONLY" in stack.values["other"]
    assert message("OTHERS_ONLY") == message("NO_SUCH_ONE")
    assert nothing_left(tag)


def test_teams_with_secrets_of_the_same_name(stack):
    with Sandbox.run(secrets=[StoreSecret(store="default", name="HF_TOKEN")], auth=Key(stack.other_key)) as theirs:
        assert printenv(theirs, "HF_TOKEN") == {"HF_TOKEN": stack.values["other"]["HF_TOKEN"]}
        # Our key does not even see that their sandbox exists.
        with pytest.raises(SandboxNotFoundError):
            Sandbox.from_id(theirs.sandbox_id).result()
        assert theirs.sandbox_id not in [s.sandbox_id for s in Sandbox.list().result()]


# What a user's program does with WANDB_ENTITY in its environment: it prints the secret that its sandbox has.
PRINTS_ITS_TOKEN = """
from wandb.sandbox import Sandbox, Secret

with Sandbox.run(secrets=[Secret(name="HF_TOKEN")]) as sandbox:
    token = sandbox.exec(["printenv", "HF_TOKEN"], check=True).result().stdout.strip()
    listed = [s.sandbox_id for s in Sandbox.list().result()]
    print(token, sandbox.sandbox_id in listed)
"""


def with_key(run_python, key, entity, **kwargs):
    return run_python(PRINTS_ITS_TOKEN, WANDB_API_KEY=key, CWSANDBOX_API_KEY=key, WANDB_ENTITY=entity, **kwargs)


def test_entity_chooses_among_the_keys_teams(stack, run_python):
    for entity, token in {
        None: stack.values["HF_TOKEN"],
        stack.team: stack.values["HF_TOKEN"],
        stack.other_team: stack.values["other"]["HF_TOKEN"],
    }.items():
        assert with_key(run_python, stack.both_key, entity).stdout.split() == [token, "True"]


def test_sandboxes_are_the_entitys(stack):
    theirs = Key(stack.both_key, **{"x-entity-id": stack.other_team})
    with Sandbox.run(auth=theirs) as sandbox:
        assert Sandbox.from_id(sandbox.sandbox_id, auth=theirs).result().sandbox_id == sandbox.sandbox_id
        home = Key(stack.both_key)
        with pytest.raises(SandboxNotFoundError):
            Sandbox.from_id(sandbox.sandbox_id, auth=home).result()
        assert sandbox.sandbox_id not in [s.sandbox_id for s in Sandbox.list(auth=home).result()]


def test_a_key_acts_where_it_was_made_for_only(stack, run_python):
    # Also when its user is a member of the other team too (docs/adr/0004), or was one when the key was made.
    for key in (stack.one_key, stack.lost_key):
        assert with_key(run_python, key, None).stdout.split() == [stack.values["HF_TOKEN"], "True"]
        refused = with_key(run_python, key, stack.other_team, check=False)
        assert refused.returncode != 0 and "CWSandboxAuthenticationError" in refused.stderr
        assert stack.values["other"]["HF_TOKEN"] not in refused.stdout + refused.stderr


def test_key_revoked_in_its_other_team(stack, run_python):
    for entity in (None, stack.team, stack.other_team):
        refused = with_key(run_python, stack.revoked_both_key, entity, check=False)
        assert refused.returncode != 0 and "CWSandboxAuthenticationError" in refused.stderr


def test_entity_of_others_is_denied(stack, run_python):
    program = "from wandb.sandbox import Sandbox\nSandbox.run()"
    done = run_python(program, check=False, WANDB_ENTITY=stack.other_team)
    assert done.returncode != 0
    assert "CWSandboxAuthenticationError" in done.stderr and stack.other_team in done.stderr
    # The same words whether the team exists or not.
    missing = run_python(program, check=False, WANDB_ENTITY="no-such-team")
    last = lambda d: d.stderr.strip().splitlines()[-1]  # noqa: E731
    assert last(done).replace(stack.other_team, "T") == last(missing).replace("no-such-team", "T")


@pytest.mark.parametrize("env_var", ["LD_PRELOAD", "PATH", "A B", "1A", "A=B", "BASH_ENV"])
def test_dangerous_and_malformed_names(env_var, tag):
    with pytest.raises(SandboxValidationError) as e:
        Sandbox.run(secrets=[Secret(name="HF_TOKEN", env_var=env_var)], tags=[tag])
    assert [v.field for v in e.value.field_violations] == [
        "sandbox.spec.containers[0].secret_stores[0].secrets[0].env_var"
    ]
    assert nothing_left(tag)


def test_variable_of_the_same_name_is_refused(tag):
    with pytest.raises(SandboxValidationError, match="HF_TOKEN"):
        Sandbox.run(secrets=[Secret(name="HF_TOKEN")], environment_variables={"HF_TOKEN": "mine"}, tags=[tag])
    assert nothing_left(tag)


def test_revoked_key(stack):
    with pytest.raises(CWSandboxAuthenticationError, match="revoked|API key"):
        Sandbox.run(auth=Key(stack.revoked_key))


def test_no_key_and_a_mistyped_one(run_python, stack):
    program = "from cwsandbox import Sandbox\nSandbox.run()"
    done = run_python(program, check=False, CWSANDBOX_API_KEY=None, WANDB_API_KEY=None)
    assert "CWSandboxAuthenticationError" in done.stderr
    wrong = stack.both_key[:-1] + ("A" if stack.both_key[-1] != "A" else "B")
    done = run_python(program, check=False, CWSANDBOX_API_KEY=wrong)
    assert "CWSandboxAuthenticationError" in done.stderr
    assert wrong not in done.stderr
