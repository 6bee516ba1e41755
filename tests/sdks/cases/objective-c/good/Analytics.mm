// region: in
#import "Analytics.h"
static NSString *const kMixpanelURL = @"https://api-in.mixpanel.com";

void StartAnalytics(NSString *token) {
    Mixpanel *m = [[Mixpanel alloc] initWithToken:token trackAutomaticEvents:YES flushInterval:60];
    [m setServerURL:kMixpanelURL];
}
