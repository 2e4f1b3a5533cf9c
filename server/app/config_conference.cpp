#include "app/config_conference.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "sip/own_texts.hpp"

namespace clued::app {

namespace {

using namespace std::chrono_literals;

/// As in SipUri, where hosts are in lower case.
std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

void read_users(ConfigReader& reader, std::string_view key, std::vector<focus::SipUri>& users) {
  reader.read_each(key, [&users](const std::string& text) -> std::string {
    auto uri = sip::parse_user_uri(text);
    if (!uri) return uri.error();
    users.push_back(*std::move(uri));
    return {};
  });
}

/// One of the words, or a list of words, URIs and domains. Moderators need not be repeated in a list. An empty list is
/// refused: it could be read as nobody, as moderators alone, and as no limit.
void read_permission(ConfigReader& reader, std::string_view key, focus::Permission& permission) {
  using Ring = focus::Permission::Ring;
  static constexpr std::pair<std::string_view, Ring> words[] = {{"nobody", Ring::nobody},
                                                                {"moderators", Ring::moderators},
                                                                {"participants", Ring::participants},
                                                                {"identified", Ring::identified},
                                                                {"anyone", Ring::anyone}};
  focus::Permission given{Ring::nobody, {}, {}};
  bool is_given = false;
  bool is_nobody = false;
  reader.read_some(key, [&](const std::string& text) -> std::string {
    is_given = true;
    const auto* word = std::find_if(std::begin(words), std::end(words), [&](const auto& w) { return w.first == text; });
    if (word != std::end(words)) {
      given.ring = std::max(given.ring, word->second);
      is_nobody = is_nobody || word->second == Ring::nobody;
      return {};
    }
    if (auto uri = sip::parse_user_uri(text)) {
      given.users.push_back(*std::move(uri));
    } else if (text.find('.') != std::string::npos && sip::problem_of_host(text).empty()) {
      given.domains.push_back(lower(text));
    } else {
      return "is none of nobody, moderators, participants, identified, anyone, and no URI or domain";
    }
    given.ring = std::max(given.ring, Ring::moderators);
    return {};
  });
  // Whoever writes nobody beside others has not said whom he means.
  if (is_nobody && (given.ring != Ring::nobody)) reader.fail(key, "must be nobody, or a list of those who may");
  if (is_given) permission = std::move(given);
}

}  // namespace

// No limit is a word of its own, so that nothing opens by a list that somebody has emptied.
void read_domains(ConfigReader& reader, std::vector<std::string>& domains) {
  std::vector<std::string> hosts;
  bool is_any = false;
  reader.read_some("domains", [&](const std::string& text) -> std::string {
    if (text == "any") {
      is_any = true;
      return {};
    }
    if (std::string problem = sip::problem_of_host(text); !problem.empty()) return problem;
    // As in SipUri: IPv6 without brackets.
    hosts.push_back(lower(text.front() == '[' ? text.substr(1, text.size() - 2) : text));
    return {};
  });
  if (is_any && !hosts.empty()) reader.fail("domains", "must be any, or a list of hosts");
  domains = std::move(hosts);
}

void read_conference(ConfigReader reader, focus::ConferencePolicy& policy) {
  reader.read_text("factory_user", policy.factory_user, sip::problem_of_user);
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
  reader.read_number("max_conferences_per_source", policy.max_conferences_per_source, 1, 1'000'000);
  reader.read_number("max_participants_per_source", policy.max_participants_per_source, 1, 1'000'000);
  reader.read_number("max_participants_per_conference", policy.max_participants_per_conference, 1, 1'000'000);
  reader.finish();
}

void read_permanent_conferences(ConfigReader& root, focus::ConferencePolicy& policy) {
  root.read_sections(
      "conferences", [&policy] { policy.permanent.clear(); },
      [&policy](ConfigReader& entry) {
        std::string user;
        focus::PermanentConference conference;
        entry.read_optional_text("user", user, sip::problem_of_user);
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
