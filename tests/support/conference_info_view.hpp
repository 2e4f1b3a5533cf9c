// A subscriber's side of RFC 4575: builds the conference's document from the NOTIFYs in their order, and notes whatever
// a subscriber could not make sense of. Independent of the code that writes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/document.hpp"

namespace clued::testing {

struct EndpointView {
  std::string status;
  std::string joining_method;
  std::string joining_when;
  std::string referred_by;
  std::string referred_when;
  std::string disconnection_method;
  std::string disconnection_reason;
  std::string disconnection_by;
  std::string disconnection_when;
  std::vector<std::string> media;  ///< "id type label status"
  bool operator==(const EndpointView&) const = default;
};

struct UserView {
  std::string display_text;
  std::vector<std::string> roles;
  std::map<std::string, EndpointView> endpoints;
  bool operator==(const UserView&) const = default;
};

class ConferenceInfoView {
 public:
  /// Section 4.6: the version, then what is full, partial or deleted.
  void apply(std::string_view document);

  const std::map<std::string, UserView>& users() const { return users_; }
  const UserView& user(const std::string& entity) const { return users_.at(entity); }
  bool has(const std::string& entity) const { return users_.contains(entity); }
  /// The first endpoint of a user, for users who have one.
  const EndpointView& endpoint(const std::string& user) const { return users_.at(user).endpoints.begin()->second; }

  const std::string& entity() const { return entity_; }
  std::optional<std::uint32_t> version() const { return version_; }
  unsigned user_count() const { return user_count_; }
  bool locked() const { return locked_; }
  bool is_deleted() const { return deleted_; }
  unsigned maximum_user_count() const { return maximum_user_count_; }
  /// What was wrong with the documents so far.
  const std::vector<std::string>& faults() const { return faults_; }
  /// "full 1", "partial 2", ...
  const std::vector<std::string>& history() const { return history_; }
  /// The users that the newest document said something of.
  const std::vector<std::string>& mentioned() const { return mentioned_; }

 private:
  void apply_users(const xml::Element& users);
  void fault(std::string text) { faults_.push_back(std::move(text)); }

  std::string entity_;
  std::optional<std::uint32_t> version_;
  std::map<std::string, UserView> users_;
  unsigned user_count_ = 0;
  unsigned maximum_user_count_ = 0;
  bool locked_ = false;
  bool deleted_ = false;
  std::vector<std::string> faults_;
  std::vector<std::string> history_;
  std::vector<std::string> mentioned_;
};

}  // namespace clued::testing
