"""What the load balancer is on AWS: Services of type LoadBalancer, on a loopback address."""
