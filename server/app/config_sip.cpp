#include "app/config_sip.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "app/config_document.hpp"
#include "sip/digest_a1.hpp"
#include "sip/ims_service.hpp"
#include "sip/operator_file.hpp"
#include "sip/own_texts.hpp"
#include "sip/tls_problem.hpp"

namespace clued::app {
namespace {

using namespace std::chrono_literals;
using sip::DigestAlgorithm;

bool is_hash(const std::string& text, std::size_t digits) {
  return text.size() == digits &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// A hash that the operator gives instead of a password.
void read_hash(ConfigReader& reader, std::string_view key, std::size_t digits, std::string& target) {
  std::string text;
  reader.read(key, text);
  if (text.empty()) return;
  if (!is_hash(text, digits)) return reader.fail(key, "must be " + std::to_string(digits) + " hexadecimal digits");
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  target = text;
}

/// Somebody whose hashes are not for what is offered could never answer.
void check_secret(ConfigReader& entry, const sip::AuthUser& user, const sip::AuthSettings& auth) {
  if (entry.is_wrong("ha1_sha256") || entry.is_wrong("ha1_md5")) return;
  if (user.a1_sha256.empty() && user.a1_md5.empty()) {
    return entry.fail("password", "or ha1_sha256 or ha1_md5 is needed");
  }
  const bool can_answer = std::any_of(auth.algorithms.begin(), auth.algorithms.end(), [&user](DigestAlgorithm one) {
    return !(one == DigestAlgorithm::md5 ? user.a1_md5 : user.a1_sha256).empty();
  });
  if (!can_answer) entry.fail_together({"ha1_md5", "ha1_sha256"}, "is for none of auth.algorithms");
}

void read_user(ConfigReader& entry, const sip::AuthSettings& auth, std::set<std::string>& names,
               std::vector<sip::AuthUser>& users) {
  sip::AuthUser user;
  std::string password;
  std::string identity;
  entry.read("name", user.name);
  entry.read("password", password);
  read_hash(entry, "ha1_sha256", 64, user.a1_sha256);
  read_hash(entry, "ha1_md5", 32, user.a1_md5);
  entry.read("identity", identity);
  if (user.name.empty()) entry.fail("name", "is needed");
  if (user.name.find(':') != std::string::npos)
    entry.fail("name", "must not have a colon, which ends it in the hashes");
  if (!password.empty()) {
    user.a1_sha256 = sip::digest_a1(DigestAlgorithm::sha256, user.name, auth.realm, password);
    user.a1_md5 = sip::digest_a1(DigestAlgorithm::md5, user.name, auth.realm, password);
  }
  check_secret(entry, user, auth);
  if (auto uri = sip::parse_user_uri(identity)) {
    user.identity.uri = *std::move(uri);
  } else {
    entry.fail("identity", "must be the SIP, SIPS or tel URI that this user is known by");
  }
  if (!names.insert(user.name).second) entry.fail("name", "is there twice");
  users.push_back(std::move(user));
}

void read_users(ConfigReader& reader, const sip::AuthSettings& auth, std::vector<sip::AuthUser>& users) {
  std::set<std::string> names;
  for (const sip::AuthUser& user : users) names.insert(user.name);
  reader.read_sections(
      "users", [] {}, [&](ConfigReader& entry) { read_user(entry, auth, names, users); });
}

/// A file with nothing but `users`, so that it can have other permissions. Its mistakes are told under the key that
/// names it.
void read_users_file(ConfigReader& reader, sip::AuthSettings& auth) {
  std::string file;
  std::string text;
  reader.read_file("users_file", sip::max_configuration_bytes, file, text);
  if (file.empty() || reader.is_wrong("users_file")) return;
  const auto document = parse_document(text);
  if (!document) return reader.fail("users_file", document.error().to_string(file));
  Reading reading({file, text});
  ConfigReader users(*document, "", reading);
  read_users(users, auth, auth.users);
  users.finish();
  for (const ConfigError& error : reading.errors) reader.fail_again("users_file", error.to_string(file));
}

}  // namespace

void read_auth(ConfigReader reader, sip::AuthSettings& auth) {
  using Require = sip::AuthSettings::Require;
  reader.read_choice("require", auth.require, {{"never", Require::never}, {"untrusted", Require::untrusted}});
  reader.read_text("realm", auth.realm, sip::problem_of_quoted_text);
  std::vector<DigestAlgorithm> algorithms;
  reader.read_some("algorithms", [&algorithms](const std::string& text) -> std::string {
    if (text != "SHA-256" && text != "MD5") return "must be SHA-256 or MD5";
    algorithms.push_back(text == "MD5" ? DigestAlgorithm::md5 : DigestAlgorithm::sha256);
    return {};
  });
  if (!algorithms.empty()) auth.algorithms = std::move(algorithms);
  reader.read_duration("nonce_lifetime", auth.nonce_lifetime, 10s, 24h);
  auth.users.clear();
  read_users(reader, auth, auth.users);
  read_users_file(reader, auth);
  reader.finish();
}

/// A file that nobody uses is not read.
void check_pem(ConfigReader& reader, std::string_view key, const std::string& file,
               std::string (*problem)(const std::string&)) {
  if (file.empty() || reader.is_wrong(key)) return;
  reader.reads_from(file);
  if (const std::string reason = problem(file); !reason.empty()) reader.fail(key, file + ": " + reason);
}

sip::TlsSettings::Certificate read_certificate(ConfigReader& entry, bool is_used) {
  sip::TlsSettings::Certificate one;
  entry.read("chain", one.chain);
  entry.read("key", one.key);
  if (one.chain.empty()) entry.fail("chain", "is needed");
  if (one.key.empty()) entry.fail("key", "is needed");
  if (!is_used) return one;
  check_pem(entry, "chain", one.chain, sip::problem_of_chain);
  // Both are often in one file; if that cannot be read, this is said once.
  if (one.key == one.chain && !sip::problem_of_file(one.key).empty()) return one;
  check_pem(entry, "key", one.key, sip::problem_of_key);
  if (entry.is_wrong("chain") || entry.is_wrong("key")) return one;
  if (const std::string problem = sip::problem_of_pair(one); !problem.empty()) entry.fail("key", problem);
  return one;
}

void read_tls(ConfigReader& root, sip::Settings& sip) {
  ConfigReader reader = root.section("tls");
  sip::TlsSettings& tls = sip.tls;
  using Clients = sip::TlsSettings::Clients;
  using Version = sip::TlsSettings::Version;
  const bool is_used = std::any_of(sip.listen.begin(), sip.listen.end(), [](const auto& one) { return one.tls; });
  reader.read_sections(
      "certificates", [] {},
      [&](ConfigReader& entry) { tls.certificates.push_back(read_certificate(entry, is_used)); });
  reader.read("authorities", tls.authorities);
  if (is_used) check_pem(reader, "authorities", tls.authorities, sip::problem_of_authorities);
  reader.read_choice("client_certificates", tls.client_certificates,
                     {{"off", Clients::off}, {"request", Clients::request}, {"require", Clients::require}});
  reader.read_choice("least_version", tls.least_version, {{"1.2", Version::v1_2}, {"1.3", Version::v1_3}});
  reader.read("verify_servers", tls.verify_servers);
  reader.read_each("trusted_names", [&sip](const std::string& text) -> std::string {
    if (text.empty()) return "is no name";
    sip.trusted_certificates.push_back(text);
    return {};
  });
  reader.read_duration("handshake_timeout", tls.handshake_timeout, 1s, 1min);
  reader.read_number("max_connections", tls.max_connections, 1, 1'000'000);
  reader.read_number("max_connections_per_source", tls.max_connections_per_source, 1, 1'000'000);
  const bool needs_one = is_used && tls.certificates.empty() && !reader.is_wrong("certificates");
  for (std::size_t index = 0; needs_one && index < sip.listen.size(); ++index) {
    if (sip.listen[index].tls) root.fail("sip.listen[" + std::to_string(index) + "].tls", "needs tls.certificates");
  }
  if (!sip.trusted_certificates.empty() && tls.client_certificates == Clients::off) {
    reader.fail("trusted_names", "needs client_certificates: request or require");
  }
  reader.finish();
}

void read_ims(ConfigReader reader, sip::ImsSettings& ims) {
  reader.read_optional_text("orig_ioi", ims.orig_ioi, sip::problem_of_parameter_value);
  reader.read_optional_text("term_ioi", ims.term_ioi, sip::problem_of_parameter_value);
  reader.read_optional_text("charging_function_addresses", ims.charging_function_addresses, sip::problem_of_parameters);
  reader.read("service", ims.service);
  if (!ims.service.empty() && !sip::is_service_identifier(ims.service)) {
    reader.fail("service", "must be an ICSI such as urn:urn-7:3gpp-service.ims.icsi.mmtel");
  }
  reader.finish();
}

}  // namespace clued::app
