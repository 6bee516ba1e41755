// region: in
package main

func main() {
	a := mixpanel.NewApiClient("YOUR_TOKEN")
//    ^^^^^^^^^^^^^^^^^^^^^ MP1003 error
	b := mixpanel.NewApiClient("YOUR_TOKEN", mixpanel.EuResidency())
//                                        ^^^^^^^^^^^^^^^^^^^^ MP1001 error
	c := mixpanel.NewApiClient("YOUR_TOKEN", mixpanel.ProxyApiLocation(`https://api-eu.mixpanel.com`))
//                                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
}
