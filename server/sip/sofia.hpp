// The one place that includes Sofia-SIP, with an owner for each of its handles. Private to server/sip.
#pragma once

#include <memory>
#include <utility>

namespace clued::sip {
struct Dialog;
class Endpoint;
class ServerRequest;
class ClientRequest;
}  // namespace clued::sip

// Callbacks get pointers to these; each owner below unregisters its callback before the object dies.
#define NTA_LEG_MAGIC_T struct clued::sip::Dialog
#define NTA_INCOMING_MAGIC_T class clued::sip::ServerRequest
#define NTA_OUTGOING_MAGIC_T class clued::sip::ClientRequest
#define NTA_RELIABLE_MAGIC_T class clued::sip::ServerRequest
#define NTA_AGENT_MAGIC_T class clued::sip::Endpoint

// C++20 warns about what this C library's headers and macros do.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <sofia-sip/hostdomain.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_time.h>
#include <sofia-sip/su_uniqueid.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/url.h>
#pragma GCC diagnostic pop

namespace clued::sip {

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* handle) const noexcept {
    destroy(handle);
  }
};

/// Memory that headers are parsed into.
using Home = std::unique_ptr<su_home_t, Destroy<su_home_unref>>;
inline Home make_home() { return Home(static_cast<su_home_t*>(su_home_new(sizeof(su_home_t)))); }

using RootHandle = std::unique_ptr<su_root_t, Destroy<su_root_destroy>>;
using AgentHandle = std::unique_ptr<nta_agent_t, Destroy<nta_agent_destroy>>;
using LegHandle = std::unique_ptr<nta_leg_t, Destroy<nta_leg_destroy>>;
using IncomingHandle = std::unique_ptr<nta_incoming_t, Destroy<nta_incoming_destroy>>;
using OutgoingHandle = std::unique_ptr<nta_outgoing_t, Destroy<nta_outgoing_destroy>>;
using TransportHandle = std::unique_ptr<tport_t, Destroy<tport_unref>>;
using MessageHandle = std::unique_ptr<msg_t, Destroy<msg_destroy>>;

}  // namespace clued::sip
