namespace MLNet.FineTune.Tokenization;

/// <summary>A way in which checkpoints store a tokenizer: says whether files are of that kind, and reads them.</summary>
internal interface ITokenizerFormat
{
    /// <summary>The files and model families it reads, for messages.</summary>
    string Description { get; }

    /// <summary>Whether the files are of this kind; true does not promise that they are sound.</summary>
    bool Recognises(TokenizerFiles files);

    /// <summary>Reads the tokenizer.</summary>
    /// <exception cref="InvalidDataException">A file is malformed; the message names it.</exception>
    /// <exception cref="NotSupportedException">The tokenizer needs something that is not supported; the message names it and its file.</exception>
    TextTokenizer Load(TokenizerFiles files);
}
