// region: any
#import <Mixpanel/Mixpanel.h>
void start(Session *session) {
    session.serverURL = @"https://backend.example.com/";
    Mixpanel *mixpanel = [Mixpanel sharedInstanceWithToken:token() trackAutomaticEvents:YES];
    mixpanel.serverURL = [NSBundle.mainBundle objectForInfoDictionaryKey:@"MixpanelURL"];
    NSLog(@"see https://docs.mixpanel.com for more");
}
