#include "app/config_conference.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "sip/parse.hpp"

namespace clued::app {

namespace {

using namespace std::chrono_literals;

/// As in SipUri, where hosts are in lower case.
std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_host(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':';
  });
}

void read_users(ConfigReader& reader, std::string_view key, std::vector<focus::SipUri>& users) {
  reader.read_each(key, [&users](const std::string& text) -> std::string {
    auto uri = sip::parse_uri(text);
    if (!uri) return "is not a SIP, SIPS or tel URI";
    users.push_back(*std::move(uri));
    return {};
  });
}

/// One of the words, or a list of words, URIs and domains. Moderators need not be repeated in a list.
void read_permission(ConfigReader& reader, std::string_view key, focus::Permission& permission) {
  using Ring = focus::Permission::Ring;
  static constexpr std::pair<std::string_view, Ring> words[] = {{"nobody", Ring::nobody},
                                                                {"moderators", Ring::moderators},
                                                                {"participants", Ring::participants},
                                                                {"identified", Ring::identified},
                                                                {"anyone", Ring::anyone}};
  focus::Permission given{Ring::nobody, {}, {}};
  bool is_given = false;
  reader.read_each(key, [&](const std::string& text) -> std::string {
    is_given = true;
    const auto* word = std::find_if(std::begin(words), std::end(words), [&](const auto& w) { return w.first == text; });
    if (word != std::end(words)) {
      given.ring = std::max(given.ring, word->second);
      return {};
    }
    if (auto uri = sip::parse_uri(text);
        uri && (uri->scheme == "sip" || uri->scheme == "sips" || uri->scheme == "tel")) {
      given.users.push_back(*std::move(uri));
    } else if (is_host(text) && text.find('.') != std::string::npos) {
      given.domains.push_back(lower(text));
    } else {
      return "is none of nobody, moderators, participants, identified, anyone, and no URI or domain";
    }
    given.ring = std::max(given.ring, Ring::moderators);
    return {};
  });
  if (is_given) permission = std::move(given);
}

}  // namespace

void read_domains(ConfigReader& reader, std::vector<std::string>& domains) {
  reader.read_each("domains", [&domains](const std::string& text) -> std::string {
    if (text.empty()) return "is no host";
    domains.push_back(lower(text));
    return {};
  });
}

void read_conference(ConfigReader reader, focus::ConferencePolicy& policy) {
  reader.read("factory_user", policy.factory_user);
  if (policy.factory_user.empty()) reader.fail("factory_user", "must not be empty");
  read_domains(reader, policy.domains);
  focus::Rights& rights = policy.rights;
  const std::pair<std::string_view, focus::Permission*> permissions[] = {
      {"create", &rights.create},           {"join", &rights.join},     {"invite", &rights.invite},
      {"invite_list", &rights.invite_list}, {"remove", &rights.remove}, {"end", &rights.end},
      {"subscribe", &rights.subscribe}};
  for (const auto& [key, permission] : permissions) read_permission(reader, key, *permission);
  reader.read_choice("replace", policy.replace,
                     {{"nobody", focus::Replacing::nobody},
                      {"same-user", focus::Replacing::same_user},
                      {"anyone", focus::Replacing::anyone}});
  read_users(reader, "moderators", policy.moderators);
  reader.read_choice(
      "moderator_succession", policy.moderator_succession,
      {{"none", focus::ModeratorSuccession::none}, {"longest-present", focus::ModeratorSuccession::longest_present}});
  reader.read_choice(
      "end_when", policy.end_when,
      {{"creator-leaves", focus::EndWhen::creator_leaves}, {"last-leaves", focus::EndWhen::last_leaves}});
  reader.read("lock_after", policy.lock_after, 0s, 24h);
  reader.read_number("max_conferences", policy.max_conferences, 1, 1'000'000);
  reader.read_number("max_participants", policy.max_participants, 1, 1'000'000);
  reader.read_number("max_participants_per_conference", policy.max_participants_per_conference, 1, 1'000'000);
  reader.finish();
}

void read_permanent_conferences(ConfigReader& root, focus::ConferencePolicy& policy) {
  root.read_sections(
      "conferences", [&policy] { policy.permanent.clear(); },
      [&policy](ConfigReader& entry) {
        std::string user;
        focus::PermanentConference conference;
        entry.read("user", user);
        read_users(entry, "moderators", conference.moderators);
        if (std::size_t most = 0; entry.has("max_participants")) {
          entry.read_number("max_participants", most, 1, 1'000'000);
          conference.max_participants = most;
        }
        entry.read("locked", conference.locked);
        if (entry.has("join")) read_permission(entry, "join", conference.join.emplace());
        if (user.empty()) return entry.fail("user", "is needed");
        if (user == policy.factory_user) return entry.fail("user", "is that of the conference factory");
        if (!policy.permanent.emplace(user, std::move(conference)).second) entry.fail("user", "is given twice");
      });
}

}  // namespace clued::app
