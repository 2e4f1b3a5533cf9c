#include "sdp/data_channel_lines.hpp"

#include "sdp/dcmap.hpp"

namespace clued::sdp {
namespace {

const char* to_string(SetupRole setup) {
  switch (setup) {
    case SetupRole::active:
      return "active";
    case SetupRole::passive:
      return "passive";
    case SetupRole::actpass:
      break;
  }
  return "actpass";
}

// What the older drafts had as the number of streams; peers that still write it do not look at it.
constexpr unsigned kOldStreams = 1024;

}  // namespace

MediaDescription data_channel_line(const DataChannel& channel, const std::string& mid, bool clue) {
  MediaDescription line;
  line.media = "application";
  line.port = channel.port;
  line.connection = Connection{channel.family, channel.address};
  const auto add = [&line](const char* name, std::string value) {
    line.attributes.push_back({name, std::move(value)});
  };
  if (!mid.empty()) add("mid", mid);
  const std::string sctp_port = std::to_string(channel.sctp_port);
  if (channel.old_sctpmap_syntax) {
    line.protocol = "DTLS/SCTP";
    line.formats = {sctp_port};
    add("sctpmap", sctp_port + " webrtc-datachannel " + std::to_string(kOldStreams));
  } else {
    line.protocol = "UDP/DTLS/SCTP";
    line.formats = {"webrtc-datachannel"};
    add("sctp-port", sctp_port);
  }
  add("max-message-size", std::to_string(channel.max_message_size));
  if (clue) add("dcmap", clue_dcmap(channel.stream_id));
  add("setup", to_string(channel.setup));
  for (const Fingerprint& fingerprint : channel.fingerprints) {
    add("fingerprint", fingerprint.hash + ' ' + fingerprint.value);
  }
  if (channel.tls_id) add("tls-id", *channel.tls_id);
  add("ice-ufrag", channel.ice_ufrag);
  add("ice-pwd", channel.ice_pwd);
  std::string options;
  for (const std::string& option : channel.ice_options) options += (options.empty() ? "" : " ") + option;
  if (!options.empty()) add("ice-options", options);
  for (const std::string& candidate : channel.candidates) add("candidate", candidate);
  if (channel.end_of_candidates) line.attributes.push_back({"end-of-candidates", std::nullopt});
  return line;
}

}  // namespace clued::sdp
