"""Facts of Graph v1.0: the properties of each kind of object and how `$filter` may use them.

Generated once from the public metadata and the directory objects filter page; letters as in `odata.kinds.Kind`.
https://learn.microsoft.com/graph/aad-advanced-queries
"""

from __future__ import annotations

PROPERTIES: dict[str, str] = {
    "directoryObject": ("s:id d:deletedDateTime"),
    "servicePrincipal": (
        "s:id s:appDescription s:appDisplayName s:appId s:applicationTemplateId x:customSecurityAttributes "
        "s:description s:disabledByMicrosoftStatus s:displayName s:homepage x:info s:loginUrl s:logoutUrl "
        "s:notes s:preferredSingleSignOnMode s:preferredTokenSigningKeyThumbprint x:samlSingleSignOnSettings "
        "s:servicePrincipalType s:signInAudience x:verifiedPublisher s:createdByAppId s:publisherName "
        "d:deletedDateTime d:preferredTokenSigningKeyEndDateTime b:accountEnabled b:appRoleAssignmentRequired "
        "b:isDisabled c:addIns c:appRoles c:keyCredentials c:oauth2PermissionScopes c:passwordCredentials "
        "c:resourceSpecificApplicationPermissions l:alternativeNames l:notificationEmailAddresses l:replyUrls "
        "l:servicePrincipalNames l:tags g:appOwnerOrganizationId g:tokenEncryptionKeyId"
    ),
    "application": (
        "s:id x:api s:appId s:applicationTemplateId x:certification s:defaultRedirectUri s:description "
        "s:disabledByMicrosoftStatus s:displayName s:groupMembershipClaims x:info s:logo "
        "x:nativeAuthenticationApisEnabled s:notes x:optionalClaims x:parentalControlSettings x:publicClient "
        "s:publisherDomain x:requestSignatureVerification s:samlMetadataUrl s:serviceManagementReference "
        "x:servicePrincipalLockConfiguration s:signInAudience x:spa s:uniqueName x:verifiedPublisher x:web "
        "s:createdByAppId d:deletedDateTime d:createdDateTime c:addIns c:appRoles c:keyCredentials "
        "c:passwordCredentials c:requiredResourceAccess l:identifierUris l:tags l:managerApplications "
        "b:isDeviceOnlyAuthSupported b:isFallbackPublicClient b:oauth2RequirePostResponse b:isDisabled "
        "g:tokenEncryptionKeyId x:authenticationBehaviors"
    ),
    "group": (
        "s:id s:classification s:description s:displayName x:licenseProcessingState s:mail s:mailNickname "
        "s:membershipRule s:membershipRuleProcessingState s:onPremisesDomainName s:onPremisesNetBiosName "
        "s:onPremisesSamAccountName s:onPremisesSecurityIdentifier s:preferredDataLocation "
        "s:preferredLanguage s:securityIdentifier s:theme s:uniqueName s:visibility s:accessType "
        "s:organizationId d:deletedDateTime d:createdDateTime d:expirationDateTime "
        "d:onPremisesLastSyncDateTime d:renewedDateTime b:allowExternalSenders b:autoSubscribeNewMembers "
        "b:hasMembersWithLicenseErrors b:hideFromAddressLists b:hideFromOutlookClients b:isArchived "
        "b:isAssignableToRole b:isManagementRestricted b:isSubscribedByMail b:mailEnabled "
        "b:onPremisesSyncEnabled b:securityEnabled b:isFavorite b:welcomeMessageEnabled c:assignedLabels "
        "c:assignedLicenses c:onPremisesProvisioningErrors c:serviceProvisioningErrors l:groupTypes "
        "l:proxyAddresses l:infoCatalogs l:resourceBehaviorOptions l:resourceProvisioningOptions "
        "n:unseenCount n:unseenConversationsCount n:unseenMessagesCount x:onPremisesExtensionAttributes"
    ),
    "user": (
        "s:id s:aboutMe s:ageGroup s:city s:companyName s:consentProvidedForMinor s:country s:creationType "
        "x:customSecurityAttributes s:department s:displayName s:employeeId x:employeeOrgData s:employeeType "
        "s:externalUserState s:faxNumber s:givenName s:jobTitle s:legalAgeGroupClassification s:mail "
        "x:mailboxSettings s:mailNickname s:mobilePhone s:mySite s:officeLocation "
        "s:onPremisesDistinguishedName s:onPremisesDomainName x:onPremisesExtensionAttributes "
        "s:onPremisesImmutableId s:onPremisesSamAccountName s:onPremisesSecurityIdentifier "
        "s:onPremisesUserPrincipalName s:passwordPolicies x:passwordProfile s:postalCode "
        "s:preferredDataLocation s:preferredLanguage s:preferredName s:securityIdentifier x:signInActivity "
        "s:state s:streetAddress s:surname s:usageLocation s:userPrincipalName s:userType s:identityParentId "
        "d:deletedDateTime d:birthday d:createdDateTime d:employeeHireDate d:employeeLeaveDateTime "
        "d:externalUserStateChangeDateTime d:hireDate d:lastPasswordChangeDateTime "
        "d:onPremisesLastSyncDateTime d:signInSessionsValidFromDateTime b:accountEnabled "
        "b:isManagementRestricted b:isResourceAccount b:onPremisesSyncEnabled b:showInAddressList "
        "c:assignedLicenses c:assignedPlans c:identities c:licenseAssignmentStates "
        "c:onPremisesProvisioningErrors c:provisionedPlans c:serviceProvisioningErrors x:authorizationInfo "
        "x:print l:businessPhones l:imAddresses l:interests l:otherMails l:pastProjects l:proxyAddresses "
        "l:responsibilities l:schools l:skills n:deviceEnrollmentLimit"
    ),
    "directoryRole": ("s:id s:description s:displayName s:roleTemplateId d:deletedDateTime"),
    "directoryRoleTemplate": ("s:id s:description s:displayName d:deletedDateTime"),
    "oAuth2PermissionGrant": ("s:id s:clientId s:consentType s:principalId s:resourceId s:scope"),
    "appRoleAssignment": (
        "s:id s:principalDisplayName s:principalType s:resourceDisplayName d:deletedDateTime "
        "d:createdDateTime g:appRoleId g:principalId g:resourceId"
    ),
    "unifiedRoleDefinition": (
        "s:id s:description s:displayName s:templateId s:version b:isBuiltIn b:isEnabled l:resourceScopes "
        "c:rolePermissions"
    ),
    "unifiedRoleAssignment": (
        "s:id s:appScopeId s:condition s:directoryScopeId s:principalId s:roleDefinitionId s:principalOrganizationId"
    ),
    "unifiedRoleAssignmentScheduleInstance": (
        "s:id s:appScopeId s:directoryScopeId s:principalId s:roleDefinitionId s:assignmentType s:memberType "
        "s:roleAssignmentOriginId s:roleAssignmentScheduleId d:endDateTime d:startDateTime"
    ),
    "unifiedRoleEligibilityScheduleInstance": (
        "s:id s:appScopeId s:directoryScopeId s:principalId s:roleDefinitionId s:memberType "
        "s:roleEligibilityScheduleId d:endDateTime d:startDateTime"
    ),
    "privilegedAccessGroupAssignmentScheduleInstance": (
        "s:id s:accessId s:assignmentScheduleId s:assignmentType s:groupId s:memberType s:principalId "
        "d:endDateTime d:startDateTime"
    ),
    "privilegedAccessGroupEligibilityScheduleInstance": (
        "s:id s:accessId s:eligibilityScheduleId s:groupId s:memberType s:principalId d:endDateTime d:startDateTime"
    ),
    "unifiedRoleAssignmentSchedule": (
        "s:id s:appScopeId s:createdUsing s:directoryScopeId s:principalId s:roleDefinitionId s:status "
        "s:assignmentType s:memberType d:createdDateTime d:modifiedDateTime x:scheduleInfo"
    ),
    "unifiedRoleEligibilitySchedule": (
        "s:id s:appScopeId s:createdUsing s:directoryScopeId s:principalId s:roleDefinitionId s:status "
        "s:memberType d:createdDateTime d:modifiedDateTime x:scheduleInfo"
    ),
    "organization": (
        "s:id s:city s:country s:countryLetterCode s:defaultUsageLocation s:displayName "
        "x:mobileDeviceManagementAuthority x:partnerTenantType s:postalCode s:preferredLanguage "
        "x:privacyProfile s:state s:street s:tenantType d:deletedDateTime d:createdDateTime "
        "d:onPremisesLastSyncDateTime c:assignedPlans c:provisionedPlans c:verifiedDomains l:businessPhones "
        "l:marketingNotificationEmails l:securityComplianceNotificationMails "
        "l:securityComplianceNotificationPhones l:technicalNotificationMails b:onPremisesSyncEnabled"
    ),
    "signIn": (
        "s:id s:appDisplayName s:appId s:clientAppUsed s:conditionalAccessStatus s:correlationId "
        "x:deviceDetail s:ipAddress x:location s:resourceDisplayName s:resourceId s:riskDetail "
        "s:riskLevelAggregated s:riskLevelDuringSignIn s:riskState x:status s:userDisplayName s:userId "
        "s:userPrincipalName s:homeTenantId s:resourceTenantId s:servicePrincipalId s:servicePrincipalName "
        "s:userAgent c:appliedConditionalAccessPolicies c:riskEventTypes d:createdDateTime b:isInteractive "
        "l:riskEventTypes_v2 x:authenticationAppDeviceDetails"
    ),
    "directoryAudit": (
        "s:id s:activityDisplayName s:category s:correlationId s:loggedByService s:operationType s:result "
        "s:resultReason d:activityDateTime c:additionalDetails c:targetResources x:initiatedBy"
    ),
    "authorizationPolicy": (
        "s:id s:description s:displayName x:allowInvitesFrom d:deletedDateTime "
        "b:allowedToSignUpEmailBasedSubscriptions b:allowedToUseSSPR "
        "b:allowEmailVerifiedUsersToJoinOrganization b:allowUserConsentForRiskyApps b:blockMsolPowerShell "
        "x:defaultUserRolePermissions g:guestUserRoleId"
    ),
    "domain": (
        "s:id s:authenticationType s:availabilityStatus s:manufacturer s:model s:state b:isAdminManaged "
        "b:isDefault b:isInitial b:isRoot b:isVerified n:passwordNotificationWindowInDays "
        "n:passwordValidityPeriodInDays l:supportedServices"
    ),
    "subscribedSku": (
        "s:id s:accountId s:accountName s:appliesTo s:capabilityStatus x:prepaidUnits s:skuPartNumber "
        "n:consumedUnits c:servicePlans g:skuId l:subscriptionIds"
    ),
    "tenantInformation": ("s:defaultDomainName s:displayName s:federationBrandName s:tenantId"),
}

# property path → operators; lower case: works by default, upper case: in advanced mode only.
# e eq, s startsWith, g ge and le, n eq null, w endsWith
FILTERS: dict[str, str] = {
    "servicePrincipal": (
        "id=e servicePrincipalType=eN disabledByMicrosoftStatus=EN accountEnabled=e alternativeNames/any=es "
        "appId=e appOwnerOrganizationId=E appRoleAssignmentRequired=E applicationTemplateId=e description=ES "
        "displayName=esN homepage=ESN info/logoUrl=N info/termsOfServiceUrl=E "
        "preferredTokenSigningKeyEndDateTime=eg publisherName=es servicePrincipalNames/any=es tags/any=es"
    ),
    "application": (
        "id=e appId=e createdDateTime=egN description=ES disabledByMicrosoftStatus=e displayName=esN "
        "identifierUris/any=es info/logoUrl=N info/termsOfServiceUrl=E publicClient/redirectUris/any=ES "
        "publisherDomain=es requiredResourceAccess/any/resourceAppId=E serviceManagementReference=ESN "
        "signInAudience=e spa/redirectUris/any=ES tags/any=es uniqueName=es verifiedPublisher/displayName=EN "
        "web/homePageUrl=EN web/redirectUris/any=ES"
    ),
    "group": (
        "id=e groupTypes/any=e membershipRuleProcessingState=e assignedLicenses/any/skuId=e classification=es "
        "description=ES displayName=esN expirationDateTime=EG hasMembersWithLicenseErrors=en "
        "infoCatalogs/any=es isAssignableToRole=e mail=WesN mailEnabled=e mailNickname=esN membershipRule=es "
        "onPremisesLastSyncDateTime=eg onPremisesProvisioningErrors/any/category=e "
        "onPremisesProvisioningErrors/any/propertyCausingError=e onPremisesSamAccountName=ES "
        "onPremisesSecurityIdentifier=eN onPremisesSyncEnabled=eN preferredLanguage=ESN proxyAddresses/any=es "
        "renewedDateTime=eg resourceBehaviorOptions/any=es resourceProvisioningOptions/any=es "
        "securityEnabled=e"
    ),
    "user": (
        "id=e accountEnabled=e ageGroup=e assignedLicenses/any/skuId=e assignedPlans/any/capabilityStatus=E "
        "assignedPlans/any/service=E assignedPlans/any/servicePlanId=E businessPhones/any=ES city=esN "
        "companyName=ESN consentProvidedForMinor=e country=esN createdDateTime=egN creationType=e "
        "department=esN displayName=esN employeeHireDate=EG employeeId=eN employeeOrgData/costCenter=E "
        "employeeOrgData/division=E employeeType=E externalUserState=e faxNumber=ESN givenName=esN "
        "identities/any/issuer=en imAddresses/any=es isResourceAccount=e jobTitle=esN mail=WesN "
        "mailNickname=esN mobilePhone=ESN officeLocation=ESN onPremisesImmutableId=e "
        "onPremisesLastSyncDateTime=eg onPremisesProvisioningErrors/any/category=e "
        "onPremisesProvisioningErrors/any/propertyCausingError=e onPremisesSamAccountName=ES "
        "onPremisesSecurityIdentifier=eN onPremisesSyncEnabled=eN onPremisesUserPrincipalName=es "
        "otherMails/any=es passwordPolicies=N passwordProfile/forceChangePasswordNextSignIn=EN "
        "passwordProfile/forceChangePasswordNextSignInWithMfa=EN postalCode=ESN preferredLanguage=ESN "
        "provisionedPlans/any/provisioningStatus=E provisionedPlans/any/service=E proxyAddresses/any=es "
        "showInAddressList=E state=esN streetAddress=ESN surname=esN usageLocation=esN userPrincipalName=Wes "
        "userType=eN"
    ),
    "directoryRole": ("id=e displayName=e roleTemplateId=e description=e"),
    "oAuth2PermissionGrant": ("clientId=e consentType=e principalId=en resourceId=e"),
    "appRoleAssignment": ("resourceId=e principalDisplayName=es"),
    "unifiedRoleDefinition": ("id=e displayName=es isBuiltIn=e templateId=e isEnabled=e"),
    "unifiedRoleAssignment": ("principalId=e roleDefinitionId=e directoryScopeId=e appScopeId=en"),
    "unifiedRoleAssignmentScheduleInstance": (
        "id=e principalId=e roleDefinitionId=e directoryScopeId=e appScopeId=en assignmentType=e memberType=e "
        "startDateTime=egn endDateTime=egn roleAssignmentOriginId=e roleAssignmentScheduleId=e"
    ),
    "unifiedRoleEligibilityScheduleInstance": (
        "id=e principalId=e roleDefinitionId=e directoryScopeId=e appScopeId=en memberType=e "
        "startDateTime=egn endDateTime=egn roleEligibilityScheduleId=e"
    ),
    "privilegedAccessGroupAssignmentScheduleInstance": (
        "groupId=e principalId=e accessId=e assignmentType=e memberType=e"
    ),
    "privilegedAccessGroupEligibilityScheduleInstance": ("groupId=e principalId=e accessId=e memberType=e"),
    "signIn": (
        "id=e createdDateTime=eg appId=e appDisplayName=es userId=e userDisplayName=es userPrincipalName=es "
        "clientAppUsed=e conditionalAccessStatus=e correlationId=e ipAddress=es resourceId=e "
        "resourceDisplayName=e riskDetail=e riskLevelAggregated=e riskLevelDuringSignIn=e riskState=e "
        "status/errorCode=e deviceDetail/browser=es deviceDetail/operatingSystem=es location/city=es "
        "location/state=es location/countryOrRegion=es"
    ),
    "directoryAudit": (
        "id=e activityDateTime=eg activityDisplayName=es loggedByService=e correlationId=e category=e "
        "result=e initiatedBy/user/id=e initiatedBy/user/displayName=e initiatedBy/user/userPrincipalName=es "
        "initiatedBy/app/appId=e initiatedBy/app/displayName=e targetResources/any/id=e "
        "targetResources/any/displayName=es"
    ),
    "domain": ("id=e"),
    "unifiedRoleAssignmentSchedule": (
        "id=e principalId=e roleDefinitionId=e directoryScopeId=e appScopeId=en status=e assignmentType=e memberType=e"
    ),
    "unifiedRoleEligibilitySchedule": (
        "id=e principalId=e roleDefinitionId=e directoryScopeId=e appScopeId=en status=e memberType=e"
    ),
}
