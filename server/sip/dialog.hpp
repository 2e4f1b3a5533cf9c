// A SIP dialog (RFC 3261 section 12) and its usages (RFC 5057). Private to server/sip.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "focus/commands.hpp"
#include "sip/dialog_share.hpp"
#include "sip/dialog_user.hpp"
#include "sip/ims.hpp"
#include "sip/route_set.hpp"
#include "sip/sofia.hpp"
#include "sip/timers.hpp"
#include "sip/values.hpp"

namespace clued::sip {

/// Our end of a transport, as it goes into a Contact.
struct OwnEnd {
  std::string text;     ///< "192.0.2.1:5060;transport=tcp"
  bool secure = false;  ///< as a SIPS URI, which means TLS and does not say so again (RFC 5630 section 5.1.2)

  bool empty() const { return text.empty(); }
  std::string host() const { return text.substr(0, text.find(';')); }  ///< with the port
  /// Of somebody here.
  std::string uri(const std::string& user) const;
};

/// Where a request came from and how the peer can be reached the same way.
struct Flow {
  TransportHandle transport;  ///< the TCP connection, or the UDP socket's transport
  Source source;              ///< the peer's end
  OwnEnd local;               ///< empty: not a connection of ours
  bool connection = false;    ///< transport is a connection that may be reused while it lives
  std::string sent_by{};      ///< host of the peer's Via; where we called, of what was called
  std::uint16_t sent_by_port = 0;
  bool called = false;  ///< we called the peer at `source`

  /// The same way for another dialog, which has no connection yet.
  Flow way() const { return {nullptr, source, local, false, sent_by, sent_by_port, called}; }
};

/// From and To of our requests in a dialog, with its tags.
struct DialogParties {
  Home home = make_home();
  sip_from_t* local = nullptr;
  sip_to_t* remote = nullptr;
};

/// The peer of the library's leg. It lives as long as one of its usages or a transaction needs it.
struct Dialog : std::enable_shared_from_this<Dialog> {
  /// Counts itself for the census, if a counter is given.
  Dialog(Endpoint& the_endpoint, std::size_t* counter) : endpoint(the_endpoint), live(counter) {
    if (live != nullptr) ++*live;
  }
  Dialog(const Dialog&) = delete;
  Dialog& operator=(const Dialog&) = delete;
  ~Dialog() {
    if (live != nullptr) --*live;
  }

  /// RFC 3261 section 12.1.2, from a response that makes a dialog. Without a Contact the peer is reached by what it was
  /// called.
  void take_route(const sip_t& response);

  Endpoint& endpoint;
  std::size_t* live;
  std::unique_ptr<DialogShares::Share> share;  ///< of who began it; null: we did
  LegHandle leg;
  DialogParties parties;
  /// Of the newest request that was taken for the peer's (RFC 3261 section 12.2.2). The leg has that of the newest one
  /// at all until the others are forgotten (Endpoint::forget_refused()).
  std::uint32_t remote_cseq = 0;
  std::string call_id;
  std::string key;  ///< Call-ID and tags, as a Target-Dialog names it (RFC 4538)
  Flow flow;
  RouteSet routes;
  std::string focus_user;                           ///< user part of the conference URI, when it was told
  std::optional<ChargingVector> charging;           ///< of a peer in the trust domain
  bool knows_service = false;                       ///< our Contacts tell it of `ims.service`
  std::optional<DialogUser> user;                   ///< whose it is, if anything was proven of that
  std::optional<base::DialogId> invite;             ///< the INVITE usage, while it lasts
  bool is_failing = false;                          ///< the last request of ours came to nobody, or to no answer
  std::size_t refers = 0;                           ///< REFERs received in it: from the second on they have an id
  std::vector<base::SubscriptionId> subscriptions;  ///< those that share it
};

/// The INVITE usage of a dialog, from the INVITE to DialogTerminated:
///
///   early --2xx sent--> answered --ACK--> confirmed --SendBye--> leaving
///   calling --2xx received--> confirmed
///
/// Any state can end by the peer's BYE; early and calling also by a final response other than 2xx.
struct InviteUsage {
  enum class State { early, calling, answered, confirmed, leaving };

  base::DialogId id;
  std::shared_ptr<Dialog> dialog;
  State state = State::early;
  base::RequestId open_invite;     ///< an INVITE that has no final response yet
  base::RequestId open_update;     ///< an UPDATE, or a PRACK with an offer, that has none
  base::RequestId unacknowledged;  ///< an INVITE whose 2xx has no ACK yet
};

enum class Package { refer, conference };

/// One subscription whose notifier we are (RFC 6665): to the conference, or to the outcome of a REFER that made it
/// (RFC 3515 section 2.4.4).
struct EventSubscription {
  struct Notification {
    std::string state;  ///< of Subscription-State
    std::string body;
    bool terminated = false;
  };

  base::SubscriptionId id;
  Package package = Package::refer;
  std::shared_ptr<Dialog> dialog;
  std::string event_id;  ///< of refer: the CSeq of its REFER; of conference: as the subscriber chose it, or ""
  bool first = true;     ///< of refer, in its dialog: may go without id (RFC 3515 section 2.4.6)
  std::optional<focus::FocusContact> contact;
  /// One NOTIFY is under way at a time; the newest of what there is to say follows it, so that a peer that answers late
  /// or never is owed one at most.
  std::optional<Notification> waiting;
  bool notifying = false;
  Notification told;                          ///< of refer: the newest one, for a refresh
  std::chrono::steady_clock::time_point end;  ///< of refer: unless it is refreshed
  Timers::Ticket timer;                       ///< ends it then

  /// The value of Event.
  std::string event() const;
};

}  // namespace clued::sip
