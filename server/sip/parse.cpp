#include "sip/parse.hpp"

#include <algorithm>

#include "sip/sofia.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

/// A header value is one line (RFC 3261 section 7.3.1, folding already undone) and not absurdly long.
std::optional<std::string> refused(std::string_view text) {
  if (text.empty()) return "the value is empty";
  if (text.size() > max_header_value) return "the value is longer than " + std::to_string(max_header_value) + " bytes";
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
  if (control) return "the value contains a control character";
  return std::nullopt;
}

template <class Header>
Header* make(su_home_t* home, msg_hclass_t* header_class, std::string_view text) {
  return reinterpret_cast<Header*>(msg_header_make(home, header_class, std::string(text).c_str()));
}

}  // namespace

base::expected<focus::ReferTarget, std::string> parse_refer_to(std::string_view text) {
  if (auto why = refused(text)) return base::unexpected(*std::move(why));
  const Home home = make_home();
  const auto* header = make<sip_refer_to_t>(home.get(), sip_refer_to_class, text);
  if (header == nullptr) return base::unexpected(std::string("not a name-addr or addr-spec"));
  focus::ReferTarget target = to_refer_target(*header);
  if (target.uri.scheme.empty()) return base::unexpected(std::string("the URI has no scheme"));
  return target;
}

base::expected<focus::SipUri, std::string> parse_uri(std::string_view text) {
  if (auto why = refused(text)) return base::unexpected(*std::move(why));
  const Home home = make_home();
  const url_t* url = url_make(home.get(), std::string(text).c_str());
  if (url == nullptr || url->url_scheme == nullptr) return base::unexpected(std::string("not a URI"));
  return to_uri(*url);
}

base::expected<focus::ReferTarget, std::string> parse_target(std::string_view text) {
  if (auto why = refused(text)) return base::unexpected(*std::move(why));
  const Home home = make_home();
  const url_t* url = url_make(home.get(), std::string(text).c_str());
  if (url == nullptr || url->url_scheme == nullptr) return base::unexpected(std::string("not a URI"));
  return to_target(*url);
}

base::expected<focus::PeerContact, std::string> parse_contact(std::string_view text) {
  if (auto why = refused(text)) return base::unexpected(*std::move(why));
  const Home home = make_home();
  const auto* header = make<sip_contact_t>(home.get(), sip_contact_class, text);
  if (header == nullptr || header->m_url->url_scheme == nullptr || header->m_url->url_type == url_any) {
    return base::unexpected(std::string("not a Contact with a URI"));
  }
  return to_contact(*header);
}

}  // namespace clued::sip
