// region: any
package main

func client(options ...mixpanel.Options) *mixpanel.ApiClient {
	return mixpanel.NewApiClient(os.Getenv("TOKEN"), options...)
}
