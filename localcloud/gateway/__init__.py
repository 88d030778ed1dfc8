"""Network load balancers for Services of type LoadBalancer, on a loopback address."""
