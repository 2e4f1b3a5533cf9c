#include "event_package/roster.hpp"

#include <algorithm>
#include <utility>

#include "event_package/writer.hpp"

namespace clued::event_package {

namespace {

/// One user who comes and goes is remembered with so many endpoints that left; older ones are of no interest.
constexpr std::size_t max_departed = 8;

bool takes_part(const Endpoint& endpoint) {
  return endpoint.status == EndpointStatus::connected || endpoint.status == EndpointStatus::on_hold ||
         endpoint.status == EndpointStatus::muted_via_focus;
}

}  // namespace

bool Roster::put(Key key, Member member) {
  if (const auto known = keys_.find(key); known != keys_.end()) member.user = known->second;
  auto& record = users_[member.user];
  const auto found = record.present.find(key);
  // Endpoints of one user are told apart by their entity (section 5.7), so it must not be there twice: two calls from
  // one device are two endpoints nevertheless, and keep the names that they were given.
  const auto own_name = member.endpoint.entity + ";leg=" + std::to_string(key.value());
  const auto is_taken = [&](const auto& entry) {
    return entry.first != key && entry.second.endpoint.entity == member.endpoint.entity;
  };
  const bool has_own_name = found != record.present.end() && found->second.endpoint.entity == own_name;
  if (has_own_name || std::any_of(record.present.begin(), record.present.end(), is_taken)) {
    member.endpoint.entity = own_name;
  }
  if (found != record.present.end() && found->second == member) return false;
  std::erase_if(record.departed, [&](const Endpoint& one) { return one.entity == member.endpoint.entity; });
  keys_.insert_or_assign(key, member.user);
  const std::string user = member.user;
  record.present.insert_or_assign(key, std::move(member));
  changed(user, record);
  return true;
}

bool Roster::depart(Key key, DisconnectionMethod method, Execution info) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return false;
  const std::string user = std::move(found->second);
  keys_.erase(found);
  auto& record = users_.at(user);
  auto endpoint = std::move(record.present.extract(key).mapped().endpoint);
  endpoint.status = EndpointStatus::disconnected;
  endpoint.disconnection_method = method;
  endpoint.disconnection_info = std::move(info);
  endpoint.media.clear();
  std::erase_if(record.departed, [&](const Endpoint& one) { return one.entity == endpoint.entity; });
  if (record.departed.size() == max_departed) record.departed.erase(record.departed.begin());
  record.departed.push_back(std::move(endpoint));
  changed(user, record);
  return true;
}

bool Roster::set_locked(bool locked) {
  if (std::exchange(state_.locked, locked) == locked) return false;
  state_generation_ = ++generation_;
  return true;
}

void Roster::clear() {
  const bool locked = state_.locked;
  auto description = std::move(description_);
  const auto generation = generation_;
  *this = Roster(std::move(description));
  state_.locked = locked;
  state_generation_ = generation_ = generation + 1;
}

void Roster::changed(const std::string& user, Record& record) {
  changes_.erase(record.generation);
  departures_.erase(record.generation);
  record.generation = ++generation_;
  changes_.emplace(generation_, user);
  if (!record.departed.empty()) departures_.emplace(generation_, user);
  render(user, record);
  const bool is_counted = std::any_of(record.present.begin(), record.present.end(),
                                      [](const auto& entry) { return takes_part(entry.second.endpoint); });
  if (is_counted == record.is_counted) return;
  record.is_counted = is_counted;
  is_counted ? ++state_.user_count : --state_.user_count;
  state_generation_ = generation_;
}

void Roster::render(const std::string& user, Record& record) const {
  if (!record.present.empty()) {
    record.display_text.clear();
    record.roles.clear();
  }
  User shown{user, {}, {}, {}};
  for (const auto& [key, member] : record.present) {
    if (record.display_text.empty()) record.display_text = member.display_text;
    for (const auto& role : member.roles) {
      const bool is_known = std::find(record.roles.begin(), record.roles.end(), role) != record.roles.end();
      if (!is_known) record.roles.push_back(role);
    }
    shown.endpoints.push_back(member.endpoint);
  }
  shown.display_text = record.display_text;
  shown.roles = record.roles;
  record.settled = record.present.empty() ? render_deleted_user(user) : event_package::render(shown);
  if (record.departed.empty()) {
    record.told = record.settled;
    return;
  }
  shown.endpoints.insert(shown.endpoints.end(), record.departed.begin(), record.departed.end());
  record.told = event_package::render(shown);
}

bool Roster::has_news(const Position& position) const {
  if (generation_ > position.told) return true;
  const auto next = departures_.upper_bound(position.settled);
  return next != departures_.end() && next->first <= position.told;
}

std::string Roster::full(std::string_view entity) const {
  if (full_users_.generation != generation_) {
    full_users_.generation = generation_;
    full_users_.content = "<users state=\"full\">";
    for (const auto& [user, record] : users_) {
      if (!record.present.empty()) full_users_.content += record.settled;
    }
    full_users_.content += "</users>";
  }
  return event_package::render(description_, entity) + event_package::render(state_) + full_users_.content;
}

const std::string& Roster::difference(const Position& position) const {
  if (difference_.generation == generation_ && difference_.from == position) return difference_.content;
  difference_.generation = generation_;
  difference_.from = position;
  auto& content = difference_.content;
  content.clear();
  if (state_generation_ > position.told) content += event_package::render(state_);
  std::string users;
  const auto gone_end = departures_.upper_bound(position.told);
  for (auto gone = departures_.upper_bound(position.settled); gone != gone_end; ++gone) {
    users += users_.at(gone->second).settled;
  }
  for (auto change = changes_.upper_bound(position.told); change != changes_.end(); ++change) {
    users += users_.at(change->second).told;
  }
  if (!users.empty()) content += "<users state=\"partial\">" + users + "</users>";
  return content;
}

void Roster::forget_departed(std::uint64_t settled) {
  while (!departures_.empty() && departures_.begin()->first <= settled) {
    const auto generation = departures_.begin()->first;
    const auto found = users_.find(departures_.begin()->second);
    departures_.erase(departures_.begin());
    auto& record = found->second;
    record.departed.clear();
    if (record.present.empty()) {
      changes_.erase(generation);
      users_.erase(found);
    } else {
      record.told = record.settled;
    }
  }
}

}  // namespace clued::event_package
