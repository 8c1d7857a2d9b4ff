"""A secret by name, a sandbox that has it, a command, a file, and an error with a type.

Needs the package (`make clients-python`) and, in the environment, CASEMATE_SANDBOXD, CASEMATE_SECRETSD,
CASEMATE_CA_FILE, CASEMATE_TEAM, and a CASEMATE_API_KEY with the scopes run and manage.
"""

from casemate import Sandbox, Secret, SecretNotFoundError, SecretsManager

COUNT = """
import os
for n in range(3):
    print(n, "the token has", len(os.environ["TOKEN"]), "characters", flush=True)
"""

with SecretsManager() as secrets:
    secrets.set("QUICKSTART_TOKEN", "not-very-secret")

    # The secret's value goes from secretsd to the sandbox; this program names it, and names the variable it wants.
    with Sandbox.run(secrets=[Secret(name="QUICKSTART_TOKEN", env_var="TOKEN")]) as sandbox:
        for text in sandbox.exec(["python", "-c", COUNT]).stdout:
            print(text, end="")

        sandbox.write_file("/tmp/greeting", b"hello from a file\n").result()
        print(sandbox.read_file("/tmp/greeting").result().decode(), end="")

    secrets.delete("QUICKSTART_TOKEN", purge=True)
    try:
        secrets.get("QUICKSTART_TOKEN")
    except SecretNotFoundError as error:
        print(error.reason, "-", error.message)
