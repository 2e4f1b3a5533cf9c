// The sections `media` and `channel` of the configuration.
#pragma once

#include "app/config_reader.hpp"
#include "sdp/stream.hpp"

namespace clued::app {

sdp::LocalMedia default_media();

/// Addresses, ports and codecs of RTP.
void read_media(ConfigReader reader, Config& config);

/// CLUE channels. After the listeners and read_media(), whose addresses they have.
void read_channel(ConfigReader reader, Config& config);

}  // namespace clued::app
