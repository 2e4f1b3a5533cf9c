// The sections of the configuration about who may speak SIP with us and how.
#pragma once

#include "app/config_reader.hpp"
#include "sip/settings.hpp"

namespace clued::app {

/// `auth`: Digest authentication. Passwords are hashed here and forgotten.
void read_auth(ConfigReader reader, sip::AuthSettings& auth);

/// `tls` of `root`: certificates and who has to show one. After the listeners: the files are read for them here.
void read_tls(ConfigReader& root, sip::Settings& sip);

/// `ims`: what trusted peers are told for charging.
void read_ims(ConfigReader reader, sip::ImsSettings& ims);

}  // namespace clued::app
