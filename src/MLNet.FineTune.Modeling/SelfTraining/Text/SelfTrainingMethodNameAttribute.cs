namespace MLNet.FineTune.SelfTraining;

/// <summary>The name of a <see cref="SelfTrainingMethod"/> in texts.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class SelfTrainingMethodNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
