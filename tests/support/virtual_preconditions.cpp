// An endpoint whose access network has to reserve something first (RFC 3312).
#include "virtual_endpoint.hpp"
#include "virtual_world.hpp"

namespace clued::testing {

using namespace focus;

std::string VirtualEndpoint::precondition_lines(bool is_answer) const {
  if (traits.resources == EndpointTraits::Resources::not_said) return {};
  const bool there = traits.resources == EndpointTraits::Resources::there;
  std::string lines = there ? "a=curr:qos local sendrecv\r\n" : "a=curr:qos local none\r\n";
  lines += there ? "a=curr:qos remote sendrecv\r\n" : "a=curr:qos remote none\r\n";
  lines += "a=des:qos mandatory local sendrecv\r\na=des:qos mandatory remote sendrecv\r\n";
  return is_answer && !there ? lines + "a=conf:qos remote sendrecv\r\n" : lines;
}

void VirtualEndpoint::append_preconditions(sdp::MediaDescription& line) const {
  const std::string lines = precondition_lines(true);
  for (std::size_t at = 0; at < lines.size(); at = lines.find("\r\n", at) + 2) {
    const std::size_t colon = lines.find(':', at);
    line.attributes.push_back(
        {lines.substr(at + 2, colon - at - 2), lines.substr(colon + 1, lines.find("\r\n", at) - colon - 1)});
  }
}

void VirtualEndpoint::reserve(const std::string& more) {
  traits.resources = EndpointTraits::Resources::there;
  ++version_;
  event::ReinviteReceived update;
  update.request = world_.next_request(this);
  update.dialog = dialog_;
  update.is_update = true;
  update.sdp = make_offer() + more;
  update.supports_preconditions = true;
  later_requests_.insert(update.request);
  world_.post(std::move(update));
}

void VirtualEndpoint::prack_with_offer(const std::string& more) {
  traits.resources = EndpointTraits::Resources::there;
  ++version_;
  event::PrackReceived prack{dialog_, make_offer() + more, world_.next_request(this)};
  later_requests_.insert(prack.request);
  world_.post(std::move(prack));
}

void VirtualEndpoint::reinvite_without_resources() {
  traits.resources = EndpointTraits::Resources::missing;
  ++version_;
  event::ReinviteReceived reinvite;
  reinvite.request = world_.next_request(this);
  reinvite.dialog = dialog_;
  reinvite.sdp = make_offer();
  reinvite.supports_preconditions = true;
  world_.post(std::move(reinvite));
}

}  // namespace clued::testing
