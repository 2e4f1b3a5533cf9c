#include "fuzz_process/bodies.hpp"

#include <cstdlib>

#include "fuzz_process/mutation.hpp"

namespace clued::fuzz {

namespace {

constexpr const char* protocols[] = {"RTP/AVP",           "RTP/AVP",     "RTP/AVPF", "RTP/SAVP",
                                     "UDP/TLS/RTP/SAVPF", "TCP/RTP/AVP", "udptl",    "UDP/DTLS/SCTP",
                                     "DTLS/SCTP",         "TCP/MSRP",    "UNKNOWN/X"};
constexpr const char* directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
constexpr const char* audio_lines[] = {
    "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1",
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16", "a=rtpmap:98 AMR-WB/16000/1\r\na=fmtp:98 mode-set=0,1,2"};
constexpr const char* video_lines[] = {
    "a=rtpmap:97 H264/90000\r\na=fmtp:97 "
    "profile-level-id=42e01f;packetization-mode=1;sprop-parameter-sets=Z0LgHw==,aM4=",
    "a=rtpmap:99 H265/90000", "a=rtpmap:100 VP8/90000\r\na=rtcp-fb:100 nack pli", "a=rtpmap:97 H264/0",
    "a=imageattr:97 send * recv [x=800,y=640]"};
constexpr const char* odd_lines[] = {
    "a=curr:qos local none\r\na=curr:qos remote none\r\na=des:qos mandatory local "
    "sendrecv\r\na=des:qos mandatory remote sendrecv",
    "a=curr:qos e2e send\r\na=des:qos optional e2e sendrecv\r\na=conf:qos e2e recv",
    "a=des:foo mandatory local sendrecv",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
    "a=rtcp:5 IN IP4 127.0.0.1",
    "a=rtcp-mux",
    "a=rtcp-fb:* ccm fir",
    "a=bundle-only",
    "a=ssrc:1 cname:a",
    "a=rid:1 send",
    "a=simulcast:send 1;2 recv 3",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=label:enc1",
    "a=label:enc1\r\na=label:enc2",
    "a=setup:actpass",
    "a=tls-id:abcdefghijklmnopqrstuvwxyz",
    "a=content:main,slides",
    "a=maxptime:40",
    "b=AS:99999999999",
    "b=TIAS:0",
    "k=clear:a",
    "i=title",
    "c=IN IP6 ::1",
    "c=IN IP4 127.0.0.1/127/3",
    "c=IN IP4 0.0.0.0",
    "a=inactive\r\na=sendrecv",
    "a=max-message-size:0",
    "a=max-message-size:1",
    "a=sctp-port:0",
    "a=dcmap:0 subprotocol=\"CLUE\";ordered=false;max-retr=3",
    "a=dcmap:65534 subprotocol=\"CLUE\"\r\na=dcsa:65534 x",
    "a=candidate:1 1 UDP 1 127.0.0.1 9 typ host",
    "a=candidate:1 1 TCP 1 127.0.0.1 9 typ host tcptype passive",
    "a=remote-candidates:1 127.0.0.1 9",
    "a=end-of-candidates",
    "a=ice-lite",
    "a=ice-mismatch"};

std::string direction(Random& random) { return std::string("a=") + random.pick(directions) + "\r\n"; }

std::string port(Random& random) {
  if (random.chance(5)) return random.chance(50) ? "0" : odd_number(random);
  return std::to_string(20'000 + 2 * random.below(1000)) + (random.chance(3) ? "/3" : "");
}

std::string line_with_port(Random& random, const char* media, const char* formats, bool strange) {
  const char* protocol = strange && random.chance(30) ? random.pick(protocols) : "RTP/AVP";
  return std::string("m=") + media + " " + port(random) + " " + protocol + " " + formats + "\r\n";
}

std::string some_odd_lines(Random& random) {
  std::string lines;
  for (std::size_t i = random.below(random.chance(97) ? 4 : 200); i > 0; --i) {
    lines += std::string(random.pick(odd_lines)) + "\r\n";
  }
  return lines;
}

std::string data_line(Random& random, std::uint16_t data_port, const std::string& mid) {
  const std::string at = std::to_string(data_port);
  std::string line = "m=application " + at + " UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:" + mid + "\r\n";
  line += "a=ice-ufrag:fuzz\r\na=ice-pwd:" + std::string(22 + random.below(8), 'p') + "\r\n";
  line += "a=fingerprint:sha-256 AA";
  for (int i = 1; i < 32; ++i) line += ":0A";
  line += "\r\na=setup:" +
          std::string(random.chance(50)   ? "actpass"
                      : random.chance(50) ? "active"
                                          : "passive") +
          "\r\n";
  for (std::size_t i = random.below(random.chance(95) ? 4 : 100); i > 0; --i) {
    line += "a=candidate:" + std::to_string(i) + " 1 UDP " + std::to_string(random.below(1U << 31U)) + " 127.0.0.1 " +
            at + " typ " + (random.chance(70) ? "host" : "srflx raddr 127.0.0.1 rport 9") + "\r\n";
  }
  line += "a=sctp-port:5000\r\na=max-message-size:65536\r\na=dcmap:0 subprotocol=\"CLUE\";ordered=true\r\n";
  if (random.chance(20)) line += some_odd_lines(random);
  return line;
}

std::string head(Random& random) {
  std::string text = "v=0\r\no=- 1 " + std::to_string(1 + random.below(1000)) + " IN IP4 127.0.0.1\r\ns=-\r\n";
  if (random.chance(95)) text += "c=IN IP4 127.0.0.1\r\n";
  return text + "t=0 0\r\n";
}

const char* resource_list_head =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\" "
    "xmlns:cp=\"urn:ietf:params:xml:ns:copyControl\"><list>\r\n";

}  // namespace

std::string session_description(Random& random, std::uint16_t data_port, bool strange) {
  std::string text = head(random);
  const bool data = strange && random.chance(30);
  if (data && random.chance(90)) text += "a=group:CLUE 2\r\n";
  if (strange && random.chance(10)) text += "a=group:BUNDLE 0 1 2\r\n";
  if (strange && random.chance(10)) text += "a=ice-lite\r\na=ice-options:trickle\r\n";
  const std::size_t lines = strange ? random.below(random.chance(98) ? 5 : 60) : 1;
  for (std::size_t i = 0; i < lines; ++i) {
    const bool video = strange && random.chance(40);
    text += video ? line_with_port(random, "video", "97 99 100", strange)
                  : line_with_port(random, random.chance(97) ? "audio" : "image", "0 8 96 98 101", strange);
    if (strange && random.chance(50)) text += "a=mid:" + std::to_string(random.chance(95) ? i : 0) + "\r\n";
    text += std::string(video ? random.pick(video_lines) : random.pick(audio_lines)) + "\r\n";
    if (random.chance(40)) text += direction(random);
    if (strange && random.chance(30)) text += some_odd_lines(random);
  }
  if (data) text += data_line(random, data_port, "2");
  return strange && random.chance(15) ? spoiled_text(random, std::move(text)) : text;
}

std::string answer_to(Random& random, std::string_view offer, std::uint16_t data_port) {
  std::string text = head(random);
  std::size_t at = offer.find("m=");
  while (at != std::string_view::npos) {
    auto line = std::string(offer.substr(at, offer.find_first_of("\r\n", at) - at));
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    if (first == std::string::npos || second == std::string::npos) break;
    const bool taken = random.chance(90) && line.compare(first, 3, " 0 ") != 0;
    line.replace(first + 1, second - first - 1, taken ? std::to_string(data_port) : "0");
    if (!random.chance(2)) text += line + "\r\n";
    const auto next = offer.find("\nm=", at);
    const auto attributes = offer.substr(at, next == std::string_view::npos ? next : next - at);
    if (const auto mid = attributes.find("a=mid:"); mid != std::string_view::npos && random.chance(95)) {
      text += std::string(attributes.substr(mid, attributes.find_first_of("\r\n", mid) - mid)) + "\r\n";
    }
    if (random.chance(50)) text += direction(random);
    if (random.chance(5)) text += some_odd_lines(random);
    at = next == std::string_view::npos ? next : next + 1;
  }
  return random.chance(10) ? spoiled_text(random, std::move(text)) : text;
}

Body recipient_list(Random& random, const std::string& offer, const std::vector<std::string>& users) {
  std::string list = resource_list_head;
  for (const auto& user : users) {
    list += "<entry uri=\"" + user + "\"";
    if (random.chance(60))
      list += std::string(" cp:copyControl=\"") + (random.chance(50) ? "to" : random.chance(50) ? "cc" : "bcc") + "\"";
    if (random.chance(20)) list += " cp:anonymize=\"true\"";
    list += "/>\r\n";
    if (random.chance(5))
      list += "<list><entry uri=\"sip:nested@127.0.0.1:9\"/><external anchor=\"http://127.0.0.1\"/></list>";
  }
  list += "</list></resource-lists>\r\n";
  if (random.chance(25)) list = spoiled_text(random, std::move(list));
  std::string text = "--b1\r\nContent-Type: application/sdp\r\n\r\n" + offer +
                     "\r\n--b1\r\nContent-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list" +
                     (random.chance(30) ? ";handling=optional" : "") + "\r\n\r\n" + list + "\r\n--b1--\r\n";
  if (random.chance(15)) text = spoiled_text(random, std::move(text));
  return {random.chance(95) ? "multipart/mixed;boundary=b1" : "multipart/mixed;boundary=\"b1", std::move(text)};
}

Body other_body(Random& random) {
  constexpr const char* types[] = {"text/plain",
                                   "application/sdp",
                                   "message/sipfrag;version=2.0",
                                   "application/conference-info+xml",
                                   "application/resource-lists+xml",
                                   "multipart/mixed;boundary=x",
                                   "multipart/alternative",
                                   "message/external-body",
                                   "a/b;c=\"d",
                                   ""};
  std::string text;
  for (std::size_t i = random.below(random.chance(97) ? 5 : 2000); i > 0; --i) text += odd_text(random);
  return {random.pick(types), std::move(text)};
}

std::vector<std::uint16_t> media_ports(std::string_view description) {
  std::vector<std::uint16_t> ports;
  for (auto at = description.find("m="); at != std::string_view::npos; at = description.find("\nm=", at + 1)) {
    const auto blank = description.find(' ', at);
    if (blank == std::string_view::npos) break;
    const auto number = std::strtoul(std::string(description.substr(blank + 1, 6)).c_str(), nullptr, 10);
    if (number > 1023 && number < 65'536) ports.push_back(static_cast<std::uint16_t>(number));
  }
  return ports;
}

}  // namespace clued::fuzz
