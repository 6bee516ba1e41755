<?php # region: eu
// $mp = Mixpanel::getInstance("OLD");
$mp = Mixpanel::getInstance("YOUR_TOKEN", ["host" => "api-eu.mixpanel.com", "use_ssl" => true]);
$other = Mixpanel::getInstance("YOUR_TOKEN", array('host' => 'api-eu.mixpanel.com'));
