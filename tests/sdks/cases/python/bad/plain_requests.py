# region: eu
import requests
requests.post("https://api.mixpanel.com/import", params={"strict": 1}, json=[])
#              ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
requests.post(f"https://mixpanel.com/api/app/data-deletions/v3.0/?token={token}")
#               ^^^^^^^^^^^^^^^^^^^^ MP1001 error
subprocess.run("curl https://data.mixpanel.com/api/2.0/export -u secret:", shell=True)
#                    ^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
requests.get("https://api-eu.mixpanel.eu/track")
#             ^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
log.info("sent to https://api.mixpanel.com in one batch")
#                 ^^^^^^^^^^^^^^^^^^^^^^^^ MP1015 note
