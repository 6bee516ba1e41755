// region: eu
package main

import "github.com/mixpanel/mixpanel-go"

func main() {
	mp := mixpanel.NewApiClient("YOUR_TOKEN", mixpanel.EuResidency())
	_ = mp
}
