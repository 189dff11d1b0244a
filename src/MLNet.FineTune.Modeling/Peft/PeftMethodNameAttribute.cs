namespace MLNet.FineTune.Peft;

/// <summary>The stable name under which a <see cref="PeftMethod"/> is saved and found again.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class PeftMethodNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
