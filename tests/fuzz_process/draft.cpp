#include "fuzz_process/draft.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "fuzz_process/mutation.hpp"

namespace clued::fuzz {

namespace {

const std::map<std::string, std::string>& compact_names() {
  static const std::map<std::string, std::string> names = {
      {"Call-ID", "i"},   {"Contact", "m"},         {"From", "f"},           {"To", "t"},          {"Via", "v"},
      {"Supported", "k"}, {"Content-Type", "c"},    {"Content-Length", "l"}, {"Refer-To", "r"},    {"Referred-By", "b"},
      {"Event", "o"},     {"Session-Expires", "x"}, {"Subject", "s"},        {"Allow-Events", "u"}};
  return names;
}

std::string spelled(Random& random, const std::string& name) {
  const auto compact = compact_names().find(name);
  if (compact != compact_names().end() && random.chance(25)) return compact->second;
  if (!random.chance(10)) return name;
  std::string other = name;
  for (char& c : other) {
    const auto letter = static_cast<unsigned char>(c);
    c = static_cast<char>(random.chance(50) ? std::toupper(letter) : std::tolower(letter));
  }
  return other;
}

std::string folded(Random& random, std::string value) {
  if (!random.chance(4)) return value;
  const auto blank = value.find(' ');
  if (blank != std::string::npos) value.replace(blank, 1, random.chance(50) ? "\r\n " : "\r\n\t\t ");
  return value;
}

std::string option_tags(Random& random) {
  constexpr const char* tags[] = {
      "100rel", "timer",       "replaces", "norefersub", "tdialog", "precondition", "recipient-list-invite",
      "nosub",  "explicitsub", "outbound", "join",       "gruu",    "x-unknown"};
  std::string list = random.pick(tags);
  while (random.chance(60) && list.size() < 200) list += std::string(", ") + random.pick(tags);
  return list;
}

std::string names_or_number(Random& random, const Places& places) {
  if (places.names && random.chance(5)) return random.chance(50) ? "a.invalid" : "sub.host.invalid";
  return "127.0.0.1";
}

std::string dialog_of(Random& random, const Places& places) {
  if (places.dialogs.empty() || random.chance(15)) return "nobody;to-tag=a;from-tag=b";
  return random.pick(places.dialogs);
}

std::string user_of(Random& random, const Places& places) {
  if (places.users.empty() || random.chance(15)) return "sip:nobody@127.0.0.1";
  return random.pick(places.users);
}

struct Extension {
  const char* name;
  std::string (*value)(Random&, const Places&);
};

/// Numbers are mostly honest: a wrong one stops a request before anything else of it is looked at.
std::string seconds(Random& random, unsigned least) {
  return random.chance(80) ? std::to_string(least + random.below(1000)) : odd_number(random);
}

/// Not too long: a session that we forget is to be over before the end is looked at.
std::string session_seconds(Random& random) { return std::to_string(random.below(10) + (random.chance(90) ? 90 : 0)); }

const Extension extensions[] = {
    {"Supported", [](Random& random, const Places&) { return option_tags(random); }},
    {"Supported", [](Random&, const Places&) { return std::string("100rel, timer, replaces, precondition"); }},
    {"Require", [](Random& random, const Places&) { return option_tags(random); }},
    {"Proxy-Require", [](Random& random, const Places&) { return option_tags(random); }},
    {"Session-Expires",
     [](Random& random, const Places&) {
       return session_seconds(random) + (random.chance(50)   ? ";refresher=uac"
                                         : random.chance(50) ? ";refresher=uas"
                                                             : "");
     }},
    {"Min-SE", [](Random& random, const Places&) { return session_seconds(random); }},
    {"Expires", [](Random& random, const Places&) { return seconds(random, 1); }},
    {"Max-Forwards", [](Random& random, const Places&) { return odd_number(random); }},
    {"Replaces",
     [](Random& random, const Places& places) {
       return dialog_of(random, places) + (random.chance(20) ? ";early-only" : "");
     }},
    {"Join", [](Random& random, const Places& places) { return dialog_of(random, places); }},
    {"Target-Dialog",
     [](Random& random, const Places& places) {
       auto dialog = dialog_of(random, places);
       if (const auto at = dialog.find(";to-tag"); at != std::string::npos) dialog.replace(at, 7, ";remote-tag");
       if (const auto at = dialog.find(";from-tag"); at != std::string::npos) dialog.replace(at, 9, ";local-tag");
       return dialog;
     }},
    {"P-Asserted-Identity", [](Random& random, const Places& places) { return "<" + user_of(random, places) + ">"; }},
    {"P-Asserted-Identity", [](Random&, const Places&) { return std::string("<sip:a@127.0.0.1>, <tel:+49123>"); }},
    {"P-Charging-Vector",
     [](Random&, const Places&) { return std::string("icid-value=\"a\";icid-generated-at=127.0.0.1;orig-ioi=x"); }},
    {"Privacy", [](Random& random, const Places&) { return std::string(random.chance(50) ? "id" : "user;header;id"); }},
    {"Referred-By",
     [](Random& random, const Places& places) { return "<" + user_of(random, places) + ">;cid=\"a@b\""; }},
    {"Refer-Sub", [](Random& random, const Places&) { return std::string(random.chance(50) ? "false" : "true"); }},
    {"Reason", [](Random&, const Places&) { return std::string("SIP;cause=200;text=\"a\", Q.850;cause=16"); }},
    {"History-Info", [](Random&, const Places&) { return std::string("<sip:a@127.0.0.1?Reason=SIP>;index=1.1"); }},
    {"Authorization",
     [](Random& random, const Places&) {
       return "Digest username=\"alice\",realm=\"clued\",nonce=\"" + std::string(random.below(80), 'a') +
              "\",uri=\"sip:factory@127.0.0.1\",response=\"0123\",algorithm=SHA-256,qop=auth,nc=00000001,cnonce=\"a\"";
     }},
    {"Accept",
     [](Random& random, const Places&) {
       return std::string(random.chance(50) ? "application/conference-info+xml" : "application/sdp;level=1, */*;q=0");
     }},
    {"Content-Encoding", [](Random&, const Places&) { return std::string("gzip"); }},
    {"Content-Disposition", [](Random&, const Places&) { return std::string("render;handling=optional"); }},
    {"Accept-Contact", [](Random&, const Places&) { return std::string("*;+sip.clue;require;explicit"); }},
    {"Allow",
     [](Random& random, const Places&) {
       return std::string(random.chance(50) ? "INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, REFER, NOTIFY" : "INVITE");
     }},
    {"Event",
     [](Random& random, const Places&) {
       constexpr const char* events[] = {"conference", "refer", "refer;id=2",  "conference;id=7",
                                         "dialog",     "",      "conference.x"};
       return std::string(random.pick(events));
     }},
    {"RAck", [](Random& random, const Places&) { return odd_number(random) + " 1 INVITE"; }},
    {"Timestamp", [](Random& random, const Places&) { return odd_number(random) + "." + odd_number(random); }},
    {"Date", [](Random&, const Places&) { return std::string("Sat, 32 Nov 2026 25:00:00 GMT"); }},
    {"Warning", [](Random&, const Places&) { return std::string("399 a \"b\""); }},
    {"Content-Length", [](Random& random, const Places&) { return odd_number(random); }},
    {"X-Unknown", [](Random& random, const Places&) { return odd_text(random); }},
};

}  // namespace

std::string Draft::text() const {
  std::string text = start + "\r\n";
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append("\r\n");
  if (!body.type.empty()) text += "Content-Type: " + body.type + "\r\n";
  return text + "Content-Length: " + std::to_string(body.text.size()) + "\r\n\r\n" + body.text;
}

std::string Draft::odd_text(Random& random) const {
  auto shuffled = headers;
  if (random.chance(10) && shuffled.size() > 1) {
    for (std::size_t i = 3; i > 0; --i)
      std::swap(shuffled[random.below(shuffled.size())], shuffled[random.below(shuffled.size())]);
  }
  const char* const end = random.chance(1) ? "\n" : "\r\n";
  std::string text = start + end;
  for (const auto& [name, value] : shuffled) {
    text += spelled(random, name) + (random.chance(3) ? " \t:" : ":") + (random.chance(95) ? " " : "") +
            folded(random, value) + end;
  }
  if (!body.type.empty()) text += spelled(random, "Content-Type") + ": " + body.type + end;
  if (random.chance(95)) {
    const auto length = random.chance(97) ? std::to_string(body.text.size()) : odd_number(random);
    text += spelled(random, "Content-Length") + ": " + length + end;
  }
  return text + end + body.text;
}

std::string some_host(Random& random, const Places& places) {
  const auto kind = random.below(10);
  if (kind == 0) return "127.0.0.1:" + std::to_string(1 + random.below(65'535));
  if (kind == 1) return "127.0.0.1:" + std::to_string(places.daemon);
  if (kind == 2) return "127.0.0.1";
  if (kind == 3) return names_or_number(random, places) + ":" + std::to_string(places.own.front());
  return "127.0.0.1:" + std::to_string(random.pick(places.own));
}

std::string some_contact(Random& random, const Places& places, const std::string& user) {
  const std::string listener = "127.0.0.1:" + std::to_string(places.listener);
  const std::string tls = "127.0.0.1:" + std::to_string(places.tls_listener);
  switch (random.below(14)) {
    case 0:
      return "*";
    case 1:
      return "<sip:" + user + "@" + listener + ";transport=tcp>;+sip.clue";
    case 2:
      return "<sip:" + user + "@" + tls + ";transport=tls>";
    case 3:
      return "<sips:" + user + "@" + tls + ">";
    case 4:
      return "<sip:" + user + "@127.0.0.1:9>, <sip:x@" + some_host(random, places) + ">";
    case 5:
      return "<sip:" + user + "@[::1]:" + std::to_string(places.own.front()) + ">";
    case 6:
      return "\"a\" <sip:" + user + "@" + some_host(random, places) +
             ";gr=urn:uuid:1>;isfocus;+sip.instance=\"<urn:uuid:1>\"";
    case 7:
      return odd_text(random);
    case 8:
      return "<sip:" + user + "@" + some_host(random, places) +
             ";maddr=127.0.0.1;transport=" + (random.chance(50) ? "sctp" : "udp") + ">;expires=" + odd_number(random);
    default:
      return "<sip:" + user + "@" + some_host(random, places) + ";transport=udp>;+sip.clue";
  }
}

std::string some_route(Random& random, const Places& places) {
  switch (random.below(8)) {
    case 0:
      return "<sip:" + some_host(random, places) + ">";
    case 1:
      return "<sip:127.0.0.1:" + std::to_string(places.listener) + ";transport=tcp;lr>";
    case 2:
      return "<sips:127.0.0.1:" + std::to_string(places.tls_listener) + ";lr>";
    case 3:
      return "<sip:" + some_host(random, places) + ";lr>, <sip:" + some_host(random, places) + ";lr>;p=1";
    case 4:
      return "<sip:127.0.0.1:" + std::to_string(places.daemon) + ";lr>";
    case 5:
      return odd_text(random);
    default:
      return "<sip:" + some_host(random, places) + ";lr>";
  }
}

std::string some_refer_to(Random& random, const Places& places, std::uint64_t number) {
  const std::string callee = "sip:c" + std::to_string(number) + "@127.0.0.1:";
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return "<" + callee + std::to_string(random.pick(places.own)) + ";transport=udp;method=INVITE>";
    case 3:
      return "<" + callee + std::to_string(places.listener) + ";transport=tcp>";
    case 4:
      return "<" + callee + std::to_string(places.tls_listener) + ";transport=tls;method=INVITE>";
    case 5:
    case 6:
    case 7:
      return "<" + user_of(random, places) + ";method=BYE>";
    case 8:
      return "<" + (places.conferences.empty() ? callee + "9" : random.pick(places.conferences)) + ";method=BYE>";
    case 9:
      return "<" + callee + std::to_string(random.pick(places.own)) +
             "?Replaces=" + "a%3bto-tag%3db%3bfrom-tag%3dc&Subject=x>";
    case 10:
      return random.chance(50) ? "<tel:+491234;method=BYE>" : "<urn:service:sos>";
    default:
      return random.chance(50) ? "<" + user_of(random, places) + ";method=REFER>"
                               : spoiled_text(random, "<" + callee + "9;method=BYE>");
  }
}

void add_extensions(Random& random, const Places& places, Draft& draft) {
  for (std::size_t i = random.below(random.chance(98) ? 4 : 40); i > 0; --i) {
    const auto& one = random.pick(extensions);
    draft.add(one.name, one.value(random, places));
  }
}

void add_odd_path(Random& random, const Places& places, Draft& draft) {
  for (std::size_t i = random.below(random.chance(95) ? 3 : 60); i > 0; --i) {
    const bool record = random.chance(60);
    draft.add(record ? "Record-Route" : "Route", some_route(random, places));
  }
  if (!random.chance(30)) return;
  constexpr const char* transports[] = {"UDP", "TCP", "TLS", "SCTP", "WS", "X"};
  for (std::size_t i = 1 + random.below(random.chance(95) ? 3 : 60); i > 0; --i) {
    auto via = std::string("SIP/2.0/") + random.pick(transports) + " " + some_host(random, places) + ";branch=z9hG4bK" +
               std::to_string(random.below(1000)) + (random.chance(20) ? ";rport;received=127.0.0.1" : "") +
               (random.chance(5) ? ";maddr=127.0.0.1;ttl=" + odd_number(random) : "");
    if (random.chance(5)) via = fuzz::odd_text(random);
    // Not in front: the response would not come to us.
    draft.headers.insert(
        draft.headers.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(1, draft.headers.size())),
        {"Via", std::move(via)});
  }
}

}  // namespace clued::fuzz
