// Whose a dialog is. Private to server/sip; pure.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "focus/events.hpp"

namespace clued::sip {

/// Who the peer of a dialog has proven to be when it began. Whoever knows a dialog's Call-ID and tags can send requests
/// in it; what is proven of their sender has to be this user, or they are somebody else's.
class DialogUser {
 public:
  /// `identities`: none when a peer whom we believe did not say whose the dialog is. `address`: where the user itself
  /// has proven it, "" when somebody else has vouched for it.
  DialogUser(focus::ProvenIdentities identities, std::string address)
      : identities_(std::move(identities)), address_(std::move(address)) {}

  const focus::ProvenIdentities& identities() const { return identities_; }
  /// Whether a request from there needs no further proof.
  bool is_at(const std::string& address) const { return !address_.empty() && address_ == address; }
  /// It has proven who it is there.
  void move_to(std::string address) { address_ = std::move(address); }

  /// Whether somebody who has proven these names may act in the dialog.
  bool is(const focus::ProvenIdentities& proof) const { return identities_.is_same_user(proof); }
  /// Whether a peer whom we believe vouches in it for somebody else than when it began. It need not do so again, and
  /// who was nobody then may have got a name.
  bool is_another(const focus::ProvenIdentities& asserted) const {
    return !asserted.empty() && !identities_.empty() && !is(asserted);
  }

 private:
  focus::ProvenIdentities identities_;
  std::string address_;
};

/// What a dialog is known to be of its peer when it begins.
struct Beginner {
  std::string account;             ///< whose share of the dialogs it is
  std::optional<DialogUser> user;  ///< null: nothing was asked, and whoever knows the dialog is its peer
};

}  // namespace clued::sip
