<?php # region: any
$mp = Mixpanel::getInstance($token, $options);
$mq = Mixpanel::getInstance($token, ['host' => getenv('MIXPANEL_HOST')]);
$url = "https://api{$suffix}.mixpanel.com/track";
