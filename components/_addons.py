"""Names of the EKS add-ons that components install."""

METRICS_SERVER = "metrics-server"
SECRETS_STORE = "aws-secrets-store-csi-driver-provider"
POD_LOGS = "amazon-cloudwatch-observability"
