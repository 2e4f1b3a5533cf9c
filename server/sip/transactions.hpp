// Our owners of the library's transactions. Private to server/sip.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "focus/commands.hpp"
#include "sip/dialog.hpp"
#include "sip/pacer.hpp"
#include "sip/sofia.hpp"
#include "sip/timers.hpp"

namespace clued::sip {

/// A received request that is owed an answer, or an INVITE whose 2xx is owed an ACK.
class ServerRequest {
 public:
  ServerRequest(Endpoint& the_endpoint, base::RequestId the_id, IncomingHandle the_irq)
      : endpoint(the_endpoint), id(the_id), irq(std::move(the_irq)), method(nta_incoming_method(irq.get())) {}
  ServerRequest(const ServerRequest&) = delete;
  ServerRequest& operator=(const ServerRequest&) = delete;
  ~ServerRequest() {
    // Reliable responses name this object as their context, so they go first.
    for (nta_reliable_t* response : reliable) nta_reliable_destroy(response);
  }

  Endpoint& endpoint;
  base::RequestId id;
  IncomingHandle irq;
  sip_method_t method;
  std::shared_ptr<Dialog> dialog;  ///< null out of dialog
  base::DialogId usage;            ///< the INVITE usage it belongs to, or none
  bool initial = false;            ///< the INVITE that began the dialog
  bool final_sent = false;
  bool target_refresh = false;            ///< a 2xx to it replaces the remote target (RFC 3261 section 12.2.2)
  OwnEnd local;                           ///< our end, for the Contact of an answer out of dialog
  Beginner beginner;                      ///< of the dialog that an answer makes
  base::SubscriptionId subscription;      ///< of a REFER or SUBSCRIBE
  bool asks_for_refer_sub = false;        ///< it has a Refer-Sub header, so its 2xx has one (RFC 4488 section 4)
  bool makes_subscription = false;        ///< a SUBSCRIBE in a dialog: its subscription is there, unless it is refused
  std::vector<nta_reliable_t*> reliable;  ///< 1xx under way (RFC 3262)
};

/// What a request of ours says beyond what the dialog gives it.
struct Outgoing {
  sip_method_t method = sip_method_unknown;
  const char* name = nullptr;
  std::string contact;   ///< "" for none
  std::string headers;   ///< further header lines
  std::string verbatim;  ///< one header line that the library must not parse and write anew
  std::string content_type;
  std::string body;
  bool lists_abilities = false;              ///< Allow, Supported and Accept
  std::vector<std::string> more_verbatim{};  ///< as `verbatim`
  bool preconditions = false;                ///< Supported names them
};

struct Answered {
  int status = 408;
  const sip_t* message = nullptr;  ///< null, or one made by the library when nobody answered
};

/// A request of ours within a dialog, until its final response.
class ClientRequest {
 public:
  ClientRequest(Endpoint& the_endpoint, std::uint64_t number, std::shared_ptr<Dialog> the_dialog, Outgoing the_request,
                std::function<void(const Answered&)> then)
      : endpoint(the_endpoint),
        id(number),
        dialog(std::move(the_dialog)),
        request(std::move(the_request)),
        on_final(std::move(then)) {}

  Endpoint& endpoint;
  std::uint64_t id;
  std::shared_ptr<Dialog> dialog;
  Outgoing request;
  std::function<void(const Answered&)> on_final;
  base::DialogId call;        ///< of the INVITE that begins this dialog
  Timers::Ticket patience{};  ///< with an INVITE within a dialog
  OutgoingHandle orq;         ///< declared last: its callback names this object
  std::uint16_t relay = 0;    ///< of the TLS connection that was opened for it, or 0 (TlsEdge::reach())
  Pacer::Ticket ticket = 0;
  bool on_connection = false;        ///< it used the peer's connection; on failure a new one is tried once
  bool replaces_connection = false;  ///< that of its dialog was dead
  bool goes_back = false;            ///< by the peer's connection, as the next hop of its route set cannot be reached
};

}  // namespace clued::sip
