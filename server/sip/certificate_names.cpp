#include "sip/certificate_names.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "sip/parse.hpp"
#include "sip/values.hpp"

namespace clued::sip {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

/// RFC 1123 section 2.1, and the underscore, which is in use. A wildcard is a name too; nobody is called by it.
bool is_host_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '*';
}

/// RFC 3986 section 2: nothing but visible ASCII.
bool is_uri_octet(char c) { return c > ' ' && c < '\x7f'; }

bool consists_of(std::string_view text, bool (*allowed)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::string_view text_of(const ASN1_STRING& text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
          static_cast<std::size_t>(ASN1_STRING_length(&text))};
}

/// The last one, if it is a name.
std::string common_name(const X509& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return {};
  unsigned char* utf8 = nullptr;  // as it may be in another alphabet, of 16 bits for example
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return consists_of(name, is_host_octet) ? name : std::string();
}

struct Names {
  bool has_alternatives = false;
  std::vector<std::string> dns;
  std::vector<std::string> uris;
};

Names alternative_names(const X509& certificate) {
  Names names;
  int found = 0;
  const std::unique_ptr<GENERAL_NAMES, FreeNames> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, &found, nullptr)));
  // There are some also where they cannot be read, or the extension is there twice.
  constexpr int absent = -1;
  names.has_alternatives = all != nullptr || found != absent;
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME& one = *sk_GENERAL_NAME_value(all.get(), i);
    if (one.type == GEN_DNS && consists_of(text_of(*one.d.dNSName), is_host_octet)) {
      names.dns.emplace_back(text_of(*one.d.dNSName));
    } else if (one.type == GEN_URI && consists_of(text_of(*one.d.uniformResourceIdentifier), is_uri_octet)) {
      names.uris.emplace_back(text_of(*one.d.uniformResourceIdentifier));
    }
  }
  return names;
}

}  // namespace

std::vector<std::string> names_in(const X509& certificate) {
  Names names = alternative_names(certificate);
  std::vector<std::string> all = std::move(names.dns);
  all.insert(all.end(), names.uris.begin(), names.uris.end());
  if (names.has_alternatives) return all;
  if (std::string common = common_name(certificate); !common.empty()) all.push_back(std::move(common));
  return all;
}

bool proves_domain(X509* certificate, const std::string& domain) {
  // To OpenSSL a dot at the beginning means all names below.
  if (!consists_of(domain, is_host_octet) || domain.front() == '.') return false;
  const Names names = alternative_names(*certificate);
  if (!names.has_alternatives) return equal_ignoring_case(common_name(*certificate), domain);
  std::vector<std::string> domains;
  for (const std::string& text : names.uris) {
    const auto uri = parse_uri(text);
    if (uri && uri->scheme == "sip" && uri->user.empty()) domains.push_back(uri->host);
  }
  if (!domains.empty()) {
    return std::any_of(domains.begin(), domains.end(),
                       [&domain](const std::string& one) { return equal_ignoring_case(one, domain); });
  }
  constexpr unsigned exactly = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  return X509_check_host(certificate, domain.data(), domain.size(), exactly, nullptr) == 1;
}

}  // namespace clued::sip
