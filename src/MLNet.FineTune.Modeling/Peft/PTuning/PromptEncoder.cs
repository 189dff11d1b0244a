namespace MLNet.FineTune;

/// <summary>The network that makes the prompt of <see cref="PTuning"/> while it trains.</summary>
public enum PromptEncoder
{
    /// <summary>Linear layers with ReLU between them, for each vector by itself.</summary>
    Mlp,

    /// <summary>A bidirectional LSTM over the vectors, and two linear layers with ReLU between them.</summary>
    Lstm,
}
