using System.Runtime.CompilerServices;

// ML.NET keeps internal what a transformer outside of it needs to be saved in its zip format (eng/PublicReferences.targets
// makes those members visible to the compiler); these lines make the runtime accept the calls.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Transforms")]

namespace System.Runtime.CompilerServices;

/// <summary>Known to the runtime by its name: members of the named assembly are accessible whatever their visibility.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
