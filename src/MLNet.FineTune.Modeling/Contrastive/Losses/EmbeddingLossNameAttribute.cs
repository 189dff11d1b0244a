namespace MLNet.FineTune.Contrastive;

/// <summary>The stable name of an <see cref="EmbeddingLoss"/> in texts.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class EmbeddingLossNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
