#include "sip/message_class.hpp"

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "sip/addresses.hpp"
#include "sip/next_hop.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// The transport of the Via of a relayed TLS connection. The library compares texts; this one is told apart by its
/// place.
constexpr const char relayed_tcp[] = "SIP/2.0/TCP";

/// Parsing a list of Vias in one header line calls itself for each further one.
thread_local int depth = 0;

thread_local const Admission* admission = nullptr;

bool is_of_stream(const msg_t* message) {
  return msg_addrinfo(const_cast<msg_t*>(message))->ai_socktype == SOCK_STREAM;
}

bool is_admitted(su_home_t* home) {
  const auto* message = reinterpret_cast<const msg_t*>(home);
  const sip_t* sip = sip_object(message);
  // A response belongs to a request of ours, and what came on a connection was asked for before (StreamGate).
  if (admission == nullptr || sip == nullptr || sip->sip_request == nullptr || is_of_stream(message)) return true;
  return (*admission)(*msg_addr(const_cast<msg_t*>(message)));
}

bool is_port(const char* text) {
  if (text == nullptr || *text == '\0') return true;  // the default one
  const std::string_view digits = text;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() && port > 0 && port <= 65535;
}

/// `home` is always a message here: this class is only in the table that messages are parsed with.
bool is_topmost(su_home_t* home) {
  const sip_t* sip = sip_object(reinterpret_cast<msg_t*>(home));
  return depth == 0 && sip != nullptr && sip->sip_via == nullptr;
}

/// The library adds `received` only after some of its own answers (413, 505), which it would send to the name in the
/// sent-by.
void tell_source(su_home_t* home, sip_via_t& via) {
  const auto* message = reinterpret_cast<const msg_t*>(home);
  if (sip_object(message)->sip_request == nullptr) return;  // the Via of a response is ours
  const auto source = number_of(address_text(*msg_addr(const_cast<msg_t*>(message))));
  msg_header_remove_param(via.v_common, "received");
  if (!source || !response_hop(text_or_empty(via.v_host), *source).tells_received) return;
  msg_header_replace_param(home, via.v_common, su_strdup(home, ("received=" + *source).c_str()));
}

extern "C" issize_t clued_sip_parse_via(su_home_t* home, msg_header_t* header, char* text, isize_t size) noexcept {
  const bool topmost = is_topmost(home);
  if (topmost && !is_admitted(home)) return -1;
  ++depth;
  const issize_t result = sip_via_class->hc_parse(home, header, text, size);
  --depth;
  if (result < 0 || !topmost) return result;
  auto* via = reinterpret_cast<sip_via_t*>(header);
  if (!is_port(via->v_port)) return -1;
  // A TLS connection is relayed to the library as a TCP one (tls_edge.hpp), and it insists that the Via says so too.
  if (equal_ignoring_case(text_or_empty(via->v_protocol), sip_transport_tls)) via->v_protocol = relayed_tcp;
  msg_header_remove_param(via->v_common, "maddr");
  tell_source(home, *via);
  return result;
}

/// With TCP the port that a connection came from is of no use when it is gone: a new one goes to the port of the
/// sent-by (RFC 3261 section 18.2.2). At the other end of a relayed connection nobody listens, so there it makes no
/// difference.
bool ignores_rport(const sip_via_t& via) {
  return via.v_protocol != relayed_tcp && equal_ignoring_case(text_or_empty(via.v_protocol), sip_transport_tcp);
}

/// What the library knows of a parameter beside the text that is echoed:
///   - rport: a source port of 0 can be forged; an answer to it cannot be sent, so it goes to the port of the Via.
///   - branch: it looks behind the cookie of RFC 3261 without looking whether there is room for one (nta.c,
///     incoming_find), and so beyond the end of a shorter one. Without the cookie it is none of RFC 3261 anyhow, and
///     requests are matched as RFC 2543 has it.
extern "C" int clued_sip_update_via(msg_common_t* header, char const* name, isize_t size, char const* value) noexcept {
  constexpr std::string_view cookie = "z9hG4bK";
  const auto is = [&](std::string_view parameter) {
    return value != nullptr && name != nullptr &&
           equal_ignoring_case(std::string_view(name, static_cast<std::size_t>(size)), parameter);
  };
  const auto& via = *reinterpret_cast<const sip_via_t*>(header);
  if (is("rport") && (std::strcmp(value, "0") == 0 || ignores_rport(via))) value = nullptr;
  if (is("branch") && std::strlen(value) < cookie.size()) value = nullptr;
  return sip_via_class->hc_update(header, name, size, value);
}

struct msg_hclass_s guarded_via_class() {
  struct msg_hclass_s via = *sip_via_class;
  via.hc_parse = clued_sip_parse_via;
  via.hc_update = clued_sip_update_via;
  return via;
}

msg_mclass_t* make_message_class() {
  static const struct msg_hclass_s guarded = guarded_via_class();
  msg_mclass_t* made = msg_mclass_clone(sip_default_mclass(), 0, 0);
  if (made == nullptr) return nullptr;
  // Both classes stay in the table, at the same place in a message: the library makes Vias of its own class. Names are
  // looked up in the order of the slots, so ours takes the first.
  msg_href_t* first = nullptr;
  for (short i = 0; i < made->mc_hash_size; ++i) {
    if (made->mc_hash[i].hr_class == sip_via_class) first = &made->mc_hash[i];
  }
  if (first == nullptr || made->mc_short == nullptr) return nullptr;
  msg_href_t ours = *first;
  ours.hr_class = &guarded;
  // The table of one-letter names belongs to the clone; only its type says that it is constant.
  const_cast<msg_href_t*>(made->mc_short)['v' - 'a'] = ours;
  if (msg_mclass_insert(made, &ours) < 0) return nullptr;
  for (short i = 0; i < made->mc_hash_size; ++i) {
    if (made->mc_hash[i].hr_class == &guarded) std::swap(made->mc_hash[i].hr_class, first->hr_class);
    if (first->hr_class == &guarded) break;
  }
  return made;
}

}  // namespace

void set_admission(const Admission* asked) { admission = asked; }

const msg_mclass_t* message_class() {
  static const msg_mclass_t* const made = make_message_class();
  return made;
}

}  // namespace clued::sip
