namespace MLNet.FineTune;

/// <summary>What the vectors of a prompt are before training.</summary>
public enum PromptInitialization
{
    /// <summary>Random numbers.</summary>
    Random,

    /// <summary>The embeddings of words drawn from the vocabulary.</summary>
    Vocabulary,

    /// <summary>The embeddings of the words of a text, such as the names of the classes, repeated where the prompt is longer.</summary>
    Text,
}
