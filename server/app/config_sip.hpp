// The sections of the configuration about who may speak SIP with us and how.
#pragma once

#include "app/config_reader.hpp"
#include "sip/settings.hpp"

namespace clued::app {

/// `auth`: Digest authentication. Passwords are hashed here and forgotten.
void read_auth(ConfigReader reader, sip::AuthSettings& auth);

/// `tls`: certificates and who has to show one. The files are read, so that a mistake is told before anything starts.
void read_tls(ConfigReader reader, sip::Settings& sip);

/// `ims`: what trusted peers are told for charging.
void read_ims(ConfigReader reader, sip::ImsSettings& ims);

}  // namespace clued::app
