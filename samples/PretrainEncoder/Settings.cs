namespace PretrainEncoder;

/// <summary>What the command line asks for.</summary>
/// <param name="Corpus">Folder of <c>*.tsv.gz</c> files.</param>
/// <param name="Exclude">Folder of evaluation sets; null for none.</param>
/// <param name="WordNet">Folder of WordNet's data files; null for none.</param>
/// <param name="Thesaurus">File of a thesaurus; null for none.</param>
/// <param name="Valence">File of words and how good they are; null for none.</param>
/// <param name="Output">Folder that everything goes to.</param>
/// <param name="WordMinutes">Time for the word embeddings.</param>
/// <param name="MaskedMinutes">Time for the layers' masked language modelling.</param>
/// <param name="PairMinutes">Time for the layers' contrastive training.</param>
/// <param name="TeachMinutes">Time for learning from layers and words together.</param>
/// <param name="HeadMinutes">Time for the head that predicts hidden words, last.</param>
/// <param name="VocabularySize">Tokens of the vocabulary.</param>
/// <param name="HiddenSize">Width.</param>
/// <param name="LayerCount">Layers.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record Settings(
    string Corpus, string? Exclude, string? WordNet, string? Thesaurus, string? Valence, string Output,
    double WordMinutes, double MaskedMinutes, double PairMinutes, double TeachMinutes, double HeadMinutes, int VocabularySize, int HiddenSize, int LayerCount, int Seed);
