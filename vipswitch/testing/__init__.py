"""What tests and the demo run on, shipped for authors of providers.

contract    the promises of vipswitch.provider as a test suite; subclass it
cloud       what a provider's test cloud must offer to it, and the one of the `file` provider
bed         three nodes, one VIP, one cloud: what a contract test runs on
bad         providers that each break one promise, and the test that must catch them
clock       time that passes only when told to
aws         the local AWS
fabric      a network in namespaces that follows the local clouds with real packets
"""
