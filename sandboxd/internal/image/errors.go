package image

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteerrors "github.com/containerd/containerd/v2/core/remotes/errors"
	cerrdefs "github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/pkg/errdefs"
)

func invalid(format string, args ...any) *errdefs.Error {
	return errdefs.New(errdefs.FailedPrecondition, "IMAGE_INVALID", format, args...)
}

func notAnImage(name imageName, mediaType string) error {
	return invalid("%s is not a container image but of type %q", name.short(), mediaType)
}

func tooLarge(name imageName, limit int64) error {
	return errdefs.New(errdefs.FailedPrecondition, "IMAGE_TOO_LARGE", "the image %s is larger than this server takes, %d MiB", name.short(), limit>>20)
}

func metadataTooLarge(name imageName) error {
	return errdefs.New(errdefs.FailedPrecondition, "IMAGE_TOO_LARGE",
		"the manifest or the configuration of the image %s is larger than this server takes, %d MiB", name.short(), maxMetadataBytes>>20)
}

func otherPlatform(name imageName, has ...ocispec.Platform) error {
	list := formatPlatforms(has)
	if list == "" {
		list = "an unknown platform"
	}
	return errdefs.New(errdefs.FailedPrecondition, "IMAGE_PLATFORM_MISMATCH", "the image %s is not for this server's platform: it is for %s", name.short(), list)
}

func registryDenied(name imageName) error {
	return errdefs.New(errdefs.FailedPrecondition, "IMAGE_REGISTRY_DENIED", "the image %s is not stored here, and the operator lets none be "+
		"pulled from %s; an operator can store it with: casemate image import %[1]s ARCHIVE", name.short(), name.registry())
}

// pullError says why an image could not be pulled, and what to do.
func pullError(name imageName, err error) error {
	if _, ok := errdefs.As(err); ok || hostFault(err) || errors.Is(err, context.Canceled) {
		return err
	}
	if strings.Contains(err.Error(), "byte manifest for") { // the resolver has a limit too
		return metadataTooLarge(name)
	}
	kind, why := pullProblem(name.registry(), err)
	reason, prefix := "IMAGE_PULL_FAILED", "the image "+name.short()+" is not stored here and can't be pulled: "
	if kind == errdefs.NotFound {
		reason, prefix = "IMAGE_NOT_FOUND", "there is no image "+name.short()+": none is stored here, and "
	}
	return errdefs.New(kind, reason, "%s%s; an operator can store it with: casemate image import %s ARCHIVE", prefix, why, name.short()).WithCause(err)
}

// pullProblem tells what an error of the registry client means.
func pullProblem(registry string, err error) (errdefs.Kind, string) {
	var (
		dns    *net.DNSError
		status remoteerrors.ErrUnexpectedStatus
		cert   *tls.CertificateVerificationError
		ca     x509.UnknownAuthorityError
		op     *net.OpError
	)
	switch {
	case errors.Is(err, errCredentialsFile):
		return errdefs.FailedPrecondition, "this server's file of registry credentials can't be read"
	case errors.As(err, &dns) && dns.IsNotFound:
		return errdefs.FailedPrecondition, "no host is known by the name of its registry " + registry
	case errors.As(err, &cert), errors.As(err, &ca):
		return errdefs.FailedPrecondition, "the certificate of the registry " + registry + " is not trusted by this host"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return errdefs.FailedPrecondition, "the registry " + registry + " speaks no TLS; insecure_registries in the server's configuration can allow that"
	case errors.Is(err, docker.ErrInvalidAuthorization), cerrdefs.IsUnauthorized(err), cerrdefs.IsPermissionDenied(err),
		errors.As(err, &status) && (status.StatusCode == http.StatusUnauthorized || status.StatusCode == http.StatusForbidden):
		return errdefs.FailedPrecondition, "the registry " + registry + " does not give it out: it has no such image, or this server's credentials don't suffice"
	case cerrdefs.IsNotFound(err), errors.As(err, &status) && status.StatusCode == http.StatusNotFound:
		return errdefs.NotFound, "its registry " + registry + " has none"
	case cerrdefs.IsFailedPrecondition(err), strings.Contains(err.Error(), "wrong diff id"), strings.Contains(err.Error(), "failed to extract layer"):
		return errdefs.FailedPrecondition, "what the registry " + registry + " sent does not match its digest or is damaged"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errdefs.Unavailable, "the registry " + registry + " sent less of it than there should be"
	case errors.As(err, &status):
		// The code alone: the words beside it are the registry's, any bytes, and end in records and at terminals.
		return errdefs.Unavailable, strings.TrimRight(fmt.Sprintf("the registry %s answered %d %s", registry, status.StatusCode, http.StatusText(status.StatusCode)), " ")
	case errors.Is(err, context.DeadlineExceeded):
		return errdefs.Unavailable, "the registry " + registry + " took too long"
	case errors.As(err, &dns), errors.As(err, &op):
		return errdefs.Unavailable, "the registry " + registry + " can't be reached"
	}
	return errdefs.Unavailable, "the registry " + registry + " did not answer as one should"
}

// importError says what is wrong with an archive.
func importError(name imageName, err error) error {
	if _, ok := errdefs.As(err); ok || hostFault(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var why string
	switch text := err.Error(); {
	case strings.Contains(text, "failed to extract layer"), strings.Contains(text, "wrong diff id"):
		why = "a layer of it is damaged or does not match its digest"
	case cerrdefs.IsNotFound(err), cerrdefs.IsFailedPrecondition(err):
		why = "a part that it names is missing or does not match its digest"
	case strings.Contains(text, "unrecognized image format"):
		why = "it has neither an index.json with an oci-layout nor a manifest.json; `docker save` and `skopeo copy` write such archives, `docker export` does not"
	case strings.Contains(text, "missing index.json"):
		why = "it has an oci-layout but no index.json; it may be cut short"
	case errors.Is(err, io.ErrUnexpectedEOF):
		why = "it is cut short"
	default:
		why = "it is not a tar of an image, as `docker save` and `skopeo copy` write it, or is damaged"
	}
	return archiveInvalid("the archive for %s can't be used: %s", name.short(), why).WithCause(err)
}

func archiveInvalid(format string, args ...any) *errdefs.Error {
	return errdefs.New(errdefs.InvalidArgument, "IMAGE_ARCHIVE_INVALID", format, args...)
}

// hostFault tells whether an error is of this host and not of an image: such an error is nothing a caller can mend.
func hostFault(err error) bool {
	for _, e := range []syscall.Errno{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EACCES,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
