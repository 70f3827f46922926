{
  "subject": {{ toJson .Subject }},
{{- if or .Insecure.CR.DNSNames .Insecure.CR.IPAddresses .Insecure.CR.EmailAddresses .Insecure.CR.URIs }}
  "sans": {{ toJson .SANs }},
{{- end }}
  "keyUsage": ["digitalSignature"],
  "extKeyUsage": ["serverAuth", "clientAuth"]
}
