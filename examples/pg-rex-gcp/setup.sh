#!/bin/sh
# What Google Cloud needs once, before vipswitch is run on the nodes: with the gcloud command, by somebody who may make
# roles and service accounts and change the instances (Owner; or Role Administrator, Service Account Admin, Project IAM
# Admin and Compute Admin). It may be run again.
set -eu

zone=europe-west1-b
region=europe-west1
project=$(gcloud config get-value project)
account=vipswitch@$project.iam.gserviceaccount.com

# The custom role with the least rights, as `vipswitch iam service readers replication` prints it.
if gcloud iam roles describe vipswitch --project "$project" > /dev/null 2>&1; then
    gcloud iam roles update vipswitch --project "$project" --file role.yaml --quiet
else
    gcloud iam roles create vipswitch --project "$project" --file role.yaml --quiet
fi

# One service account for both nodes, and the role for it.
gcloud iam service-accounts describe "$account" --project "$project" > /dev/null 2>&1 ||
    gcloud iam service-accounts create vipswitch --project "$project"
gcloud projects add-iam-policy-binding "$project" --role "projects/$project/roles/vipswitch" \
    --member "serviceAccount:$account" --condition None

# The nodes reach Google's APIs by Private Google Access: they need no external address. The default route is on the
# service LAN.
gcloud compute networks subnets update snet-service --project "$project" --region $region \
    --enable-private-ip-google-access

# The nodes become that account, within the scope in which roles decide. Only a stopped instance takes another account.
# The label tells people who writes to it.
for node in pgrex1 pgrex2; do
    gcloud compute instances add-labels $node --project "$project" --zone $zone --labels vipswitch=pgrex
    now=$(gcloud compute instances describe $node --project "$project" --zone $zone \
        --format 'value(serviceAccounts[0].email)')
    [ "$now" = "$account" ] && continue
    gcloud compute instances stop $node --project "$project" --zone $zone
    gcloud compute instances set-service-account $node --project "$project" --zone $zone \
        --service-account "$account" --scopes cloud-platform
    gcloud compute instances start $node --project "$project" --zone $zone
done
